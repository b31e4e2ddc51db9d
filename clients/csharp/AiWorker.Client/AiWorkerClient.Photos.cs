using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    public sealed partial class AiWorkerClient
    {
        /// <summary>
        /// Describes a photo and remembers its faces. Processing the same <paramref name="fileId"/> again replaces
        /// everything that was stored for it; a face that was found before keeps its id and its cluster. When the call
        /// fails, nothing is stored.
        /// </summary>
        /// <param name="fileId">The caller's id for the photo, 1 to 256 characters.</param>
        /// <param name="imageUrl">The URL from which the worker fetches the photo; http or https.</param>
        /// <param name="details">Whether to add details about how the answer was made.</param>
        /// <param name="idempotencyKey">
        /// Identifies this request: a repeated request with the same key gets the first answer again. Null for a new
        /// key.
        /// </param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerPhotoException">The photo cannot be had, or is none.</exception>
        public Task<ProcessAnswer> ProcessAsync(
            string fileId, string imageUrl, bool details = false, string? idempotencyKey = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            var request = new ProcessRequest(fileId, imageUrl);
            var call = new Call(Post, "api/process" + Details(details)) { Body = Json.Write(request) };
            return _transport.ReadAsync<ProcessAnswer>(Named(call, idempotencyKey), cancellationToken);
        }

        /// <summary>
        /// Describes many photos; read the results as they arrive. One failing photo does not affect the others. A
        /// batch may be repeated safely.
        /// </summary>
        /// <param name="photos">At least one, at most <c>BATCH_PHOTOS</c> of the worker, each with its own id.</param>
        /// <param name="details">Whether to add details about how the answers were made.</param>
        /// <param name="cancellationToken">Gives up waiting for the batch to begin.</param>
        public async Task<BatchReader> ProcessBatchAsync(
            IEnumerable<ProcessRequest> photos, bool details = false,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            var request = new BatchRequest { Photos = (photos ?? throw new ArgumentNullException(nameof(photos))).ToArray() };
            var call = new Call(Post, "api/process/batch" + Details(details))
            {
                Body = Json.Write(request),
                Accept = "application/x-ndjson",
            };
            Lines lines = await _transport.OpenAsync(call, cancellationToken).ConfigureAwait(false);
            return new BatchReader(_transport, lines, request.Photos.Count);
        }

        /// <summary>What is stored of a photo; clusters are where its faces are now, after all merges.</summary>
        /// <exception cref="AiWorkerNotFoundException">Nothing is stored under this name.</exception>
        public Task<FileAnswer> GetFileAsync(
            string fileId, bool details = false, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<FileAnswer>(new Call(Get, File(fileId) + Details(details)), cancellationToken);

        /// <summary>Deletes everything that is stored for a photo. Repeating the call is not an error.</summary>
        public Task<DeletedFaces> DeleteFileAsync(
            string fileId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<DeletedFaces>(new Call(Delete, File(fileId)), cancellationToken);

        private static string Details(bool details) => details ? "?details=true" : "";

        private static string File(string fileId, string folder = "api/files/") => folder + Escaped(fileId);

        /// <summary>A photo's name as the end of a path.</summary>
        private static string Escaped(string fileId)
        {
            if (string.IsNullOrEmpty(fileId))
                throw new ArgumentException("A file id has 1 to 256 characters.", nameof(fileId));
            // However they are escaped, System.Uri takes them for steps in the path.
            if (fileId == "." || fileId == "..")
                throw new ArgumentException("The file ids \".\" and \"..\" cannot be part of an address.", nameof(fileId));
            return Uri.EscapeDataString(fileId);
        }
    }
}
