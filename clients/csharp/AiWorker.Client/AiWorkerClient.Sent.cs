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
        /// Describes a photo that is sent, and remembers its faces, as
        /// <see cref="ProcessAsync"/> does with one that the worker fetches. It has no address from which it could be fetched again.
        /// </summary>
        /// <param name="fileId">The caller's name for the photo, 1 to 256 characters.</param>
        /// <param name="photo">The file, at most <c>MAX_PHOTO_BYTES</c> of the worker.</param>
        /// <param name="details">Whether to answer what made the answer as well.</param>
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
        /// Says what would be said of a photo, and whom each of its faces resembles. Nothing is stored.
        /// </summary>
        /// <param name="imageUrl">Where the worker finds it; http or https.</param>
        /// <param name="people">How many people at most for each face, 1 to 20; null for 5.</param>
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
        /// Says what would be said of a photo that is sent, and whom each of its faces resembles. Nothing is stored.
        /// </summary>
        /// <param name="photo">The file, at most <c>MAX_PHOTO_BYTES</c> of the worker.</param>
        /// <param name="people">How many people at most for each face, 1 to 20; null for 5.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerPhotoException">It is no photo, or too large.</exception>
        public Task<IdentifyAnswer> IdentifyAsync(
            byte[] photo, int? people = null, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<IdentifyAnswer>(Send("api/identify" + People(people), photo), cancellationToken);

        /// <summary>Says how alike the faces of two photos are. Nothing is stored.</summary>
        /// <param name="firstUrl">Where the worker finds the first; http or https.</param>
        /// <param name="secondUrl">Where it finds the second.</param>
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
        /// <param name="second">The second one, likewise.</param>
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
        /// A stored photo as a picture, fetched again from where the worker had it from, upright and without metadata.
        /// </summary>
        /// <param name="fileId">The caller's name for the photo.</param>
        /// <param name="longest">The most pixels along the longer side, 64 to 4096; null for 1600.</param>
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
        /// Describes a stored photo again, with the plugins and models of now, from where the worker had it from.
        /// </summary>
        /// <param name="fileId">The caller's name for the photo.</param>
        /// <param name="details">Whether to answer what made the answer as well.</param>
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
