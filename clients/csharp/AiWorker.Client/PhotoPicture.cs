using System;
using System.IO;

namespace AiWorker.Client
{
    /// <summary>A photo as a JPEG picture, upright and without metadata.</summary>
    public sealed class PhotoPicture : IDisposable
    {
        internal PhotoPicture(Received received)
        {
            Content = new MemoryStream(received.Body, false);
        }

        /// <summary>A picture, for those who stand in for a worker.</summary>
        /// <param name="content">The picture, which is disposed with this.</param>
        public PhotoPicture(Stream content)
        {
            Content = content ?? throw new ArgumentNullException(nameof(content));
        }

        /// <summary>The picture, from its first byte. It is here as a whole: a cut one was asked for again.</summary>
        public Stream Content { get; }

        /// <summary>Disposes <see cref="Content"/>.</summary>
        public void Dispose() => Content.Dispose();
    }
}
