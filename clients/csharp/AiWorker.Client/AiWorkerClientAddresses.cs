using System;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>Calls that take the address of a photo as a <see cref="Uri"/>.</summary>
    public static class AiWorkerClientAddresses
    {
        /// <inheritdoc cref="AiWorkerClient.ProcessAsync"/>
        public static Task<ProcessAnswer> ProcessAsync(
            this IAiWorkerClient client, string fileId, Uri imageUrl, bool details = false, string? idempotencyKey = null,
            CancellationToken cancellationToken = default) =>
            Given(client).ProcessAsync(fileId, Text(imageUrl, nameof(imageUrl)), details, idempotencyKey, cancellationToken);

        /// <inheritdoc cref="AiWorkerClient.IdentifyAsync(string, int?, CancellationToken)"/>
        public static Task<IdentifyAnswer> IdentifyAsync(
            this IAiWorkerClient client, Uri imageUrl, int? people = null, CancellationToken cancellationToken = default) =>
            Given(client).IdentifyAsync(Text(imageUrl, nameof(imageUrl)), people, cancellationToken);

        /// <inheritdoc cref="AiWorkerClient.CompareAsync(string, string, CancellationToken)"/>
        public static Task<CompareAnswer> CompareAsync(
            this IAiWorkerClient client, Uri firstUrl, Uri secondUrl, CancellationToken cancellationToken = default) =>
            Given(client).CompareAsync(
                Text(firstUrl, nameof(firstUrl)), Text(secondUrl, nameof(secondUrl)), cancellationToken);

        private static IAiWorkerClient Given(IAiWorkerClient client) => client ?? throw new ArgumentNullException(nameof(client));

        /// <summary>The address as it goes over the wire, whatever it was written like.</summary>
        internal static string Text(Uri address, string name)
        {
            if (address == null)
                throw new ArgumentNullException(name);
            if (!address.IsAbsoluteUri)
                throw new ArgumentException("The address of a photo must be absolute.", name);
            return address.AbsoluteUri;
        }
    }
}
