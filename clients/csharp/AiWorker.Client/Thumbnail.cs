using System;
using System.IO;

namespace AiWorker.Client
{
    /// <summary>A square JPEG picture.</summary>
    public sealed class Thumbnail : IDisposable
    {
        internal Thumbnail(Received received)
        {
            Content = new MemoryStream(received.Body, false);
            if (Guid.TryParse(received.Header("X-Cluster-Id"), out Guid cluster))
                ClusterId = cluster;
        }

        /// <summary>A picture, for those who stand in for a worker.</summary>
        /// <param name="content">The picture, which is disposed with this.</param>
        /// <param name="clusterId">The cluster that it is of; null for a picture of a face.</param>
        public Thumbnail(Stream content, Guid? clusterId = null)
        {
            Content = content ?? throw new ArgumentNullException(nameof(content));
            ClusterId = clusterId;
        }

        /// <summary>The picture, from its first byte. It is here as a whole: a cut one was asked for again.</summary>
        public Stream Content { get; }

        /// <summary>
        /// With the picture of a cluster, the cluster that it is now: another than was asked for when that was merged
        /// away. Null with the picture of a face.
        /// </summary>
        public Guid? ClusterId { get; }

        /// <summary>Disposes <see cref="Content"/>.</summary>
        public void Dispose() => Content.Dispose();
    }
}
