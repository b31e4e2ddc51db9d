using System;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>Photos that are sent, and stored ones that are fetched again.</summary>
    public sealed partial class AiWorkerClient
    {
        private const string PhotoType = "application/octet-stream";

        /// <summary>
        /// Describes a photo that is sent, and remembers its faces, as <see cref="ProcessAsync"/> does with a photo
        /// that the worker fetches. The worker cannot fetch a sent photo again, because it has no URL.
        /// </summary>
        /// <param name="fileId">The caller's id for the photo, 1 to 256 characters.</param>
        /// <param name="photo">The file, at most <c>MAX_PHOTO_BYTES</c> of the worker.</param>
        /// <param name="details">Whether to add details about how the answer was made.</param>
        /// <param name="idempotencyKey">Names this request; null for a new key.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerPhotoException">It is no photo, or too large.</exception>
        public Task<ProcessAnswer> ProcessUploadAsync(
            string fileId, byte[] photo, bool details = false, string? idempotencyKey = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            if (fileId == null)
                throw new ArgumentNullException(nameof(fileId));
            string query = Query(Parameter("file_id", fileId), details ? "details=true" : null);
            return _transport.ReadAsync<ProcessAnswer>(
                Named(Send("api/process" + query, photo), idempotencyKey), cancellationToken);
        }

        /// <summary>
        /// Describes a photo and finds whom each of its faces resembles. Nothing is stored.
        /// </summary>
        /// <param name="imageUrl">The URL from which the worker fetches the photo; http or https.</param>
        /// <param name="people">The most people to return for each face, 1 to 20; null for 5.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerPhotoException">The photo cannot be had, or is none.</exception>
        public Task<IdentifyAnswer> IdentifyAsync(
            string imageUrl, int? people = null, CancellationToken cancellationToken = default(CancellationToken))
        {
            var request = new IdentifyRequest { ImageUrl = imageUrl ?? throw new ArgumentNullException(nameof(imageUrl)) };
            var call = new Call(Post, "api/identify" + People(people)) { Body = Json.Write(request) };
            return _transport.ReadAsync<IdentifyAnswer>(call, cancellationToken);
        }

        /// <summary>
        /// Describes a photo that is sent and finds whom each of its faces resembles. Nothing is stored.
        /// </summary>
        /// <param name="photo">The file, at most <c>MAX_PHOTO_BYTES</c> of the worker.</param>
        /// <param name="people">The most people to return for each face, 1 to 20; null for 5.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerPhotoException">It is no photo, or too large.</exception>
        public Task<IdentifyAnswer> IdentifyAsync(
            byte[] photo, int? people = null, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<IdentifyAnswer>(Send("api/identify" + People(people), photo), cancellationToken);

        /// <summary>Says how alike the faces of two photos are. Nothing is stored.</summary>
        /// <param name="firstUrl">The URL of the first photo; http or https.</param>
        /// <param name="secondUrl">The URL of the second photo.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerPhotoException">A photo cannot be had, or is none.</exception>
        public Task<CompareAnswer> CompareAsync(
            string firstUrl, string secondUrl, CancellationToken cancellationToken = default(CancellationToken))
        {
            var request = new CompareRequest { ImageUrls = new[]
            {
                firstUrl ?? throw new ArgumentNullException(nameof(firstUrl)),
                secondUrl ?? throw new ArgumentNullException(nameof(secondUrl)),
            } };
            return _transport.ReadAsync<CompareAnswer>(
                new Call(Post, "api/compare") { Body = Json.Write(request) }, cancellationToken);
        }

        /// <summary>Says how alike the faces of two photos are that are sent. Nothing is stored.</summary>
        /// <param name="first">The first file, at most <c>MAX_PHOTO_BYTES</c> of the worker.</param>
        /// <param name="second">The second file, with the same limit.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerPhotoException">One is no photo, or too large.</exception>
        public Task<CompareAnswer> CompareAsync(
            byte[] first, byte[] second, CancellationToken cancellationToken = default(CancellationToken))
        {
            var form = new Form();
            form.Add("first", first ?? throw new ArgumentNullException(nameof(first)));
            form.Add("second", second ?? throw new ArgumentNullException(nameof(second)));
            var call = new Call(Post, "api/compare") { Body = form.Body(), ContentType = form.ContentType };
            return _transport.ReadAsync<CompareAnswer>(call, cancellationToken);
        }

        /// <summary>
        /// A stored photo as a picture, fetched again from its stored URL, upright and without metadata.
        /// </summary>
        /// <param name="fileId">The caller's id for the photo.</param>
        /// <param name="longest">The most pixels of the longer side, 64 to 4096; null for 1600.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerNotFoundException">Nothing is stored under this name.</exception>
        /// <exception cref="AiWorkerConflictException">Its address was not kept; see <c>STORE_URLS</c> of the worker.</exception>
        /// <exception cref="AiWorkerPhotoException">It cannot be had any more.</exception>
        public async Task<PhotoPicture> GetPictureAsync(
            string fileId, int? longest = null, CancellationToken cancellationToken = default(CancellationToken))
        {
            string query = Query(Parameter("longest", longest?.ToString()));
            Received received = await _transport.SendAsync(
                Picture(File(fileId, "api/pictures/") + query), cancellationToken).ConfigureAwait(false);
            return new PhotoPicture(received);
        }

        /// <summary>
        /// Describes a stored photo again, with the present plugins and models; it is fetched again from its stored
        /// URL.
        /// </summary>
        /// <param name="fileId">The caller's id for the photo.</param>
        /// <param name="details">Whether to add details about how the answer was made.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerNotFoundException">Nothing is stored under this name.</exception>
        /// <exception cref="AiWorkerConflictException">Its address was not kept; see <c>STORE_URLS</c> of the worker.</exception>
        /// <exception cref="AiWorkerPhotoException">It cannot be had any more.</exception>
        public Task<ProcessAnswer> ReprocessAsync(
            string fileId, bool details = false, CancellationToken cancellationToken = default(CancellationToken))
        {
            var request = new ReprocessRequest { FileId = fileId ?? throw new ArgumentNullException(nameof(fileId)) };
            var call = new Call(Post, "api/reprocess" + Details(details)) { Body = Json.Write(request) };
            return _transport.ReadAsync<ProcessAnswer>(call, cancellationToken);
        }

        /// <summary>What the keys of the options may do.</summary>
        public Task<WhoamiAnswer> WhoAmIAsync(CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<WhoamiAnswer>(Administer(Get, "api/whoami"), cancellationToken);

        private static Call Send(string path, byte[] photo) => new Call(Post, path)
        {
            Body = photo ?? throw new ArgumentNullException(nameof(photo)), ContentType = PhotoType,
        };

        private static string People(int? people) => Query(Parameter("people", people?.ToString()));
    }
}
