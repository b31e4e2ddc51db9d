using System;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    public sealed partial class AiWorkerClient
    {
        /// <summary>One face, and why it is in its cluster.</summary>
        /// <exception cref="AiWorkerNotFoundException">There is no such face.</exception>
        public Task<FaceAnswer> GetFaceAsync(Guid faceId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<FaceAnswer>(new Call(Get, Face(faceId)), cancellationToken);

        /// <summary>The picture of a face.</summary>
        public async Task<Thumbnail> GetFaceThumbnailAsync(
            Guid faceId, CancellationToken cancellationToken = default(CancellationToken)) =>
            new Thumbnail(await _transport.SendAsync(
                Picture(Face(faceId, "/thumbnail")), cancellationToken).ConfigureAwait(false));

        /// <summary>
        /// Puts a face into another cluster, or into a new one of its own; the worker never moves it automatically
        /// afterwards. A cluster whose only face moves to another cluster is merged into that one.
        /// </summary>
        /// <param name="faceId">The face.</param>
        /// <param name="clusterId">The cluster that the face belongs to; null for a new cluster.</param>
        /// <param name="idempotencyKey">Names this request; null for a new key.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerNotFoundException">There is no such face or cluster.</exception>
        public Task<MoveAnswer> MoveFaceAsync(
            Guid faceId, Guid? clusterId, string? idempotencyKey = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            var call = new Call(Post, Face(faceId, "/move")) { Body = Json.Write(new MoveRequest { ClusterId = clusterId }) };
            return _transport.ReadAsync<MoveAnswer>(Named(call, idempotencyKey), cancellationToken);
        }

        /// <summary>
        /// States permanently that two faces are different people. If both are in the same cluster, the first leaves
        /// it.
        /// </summary>
        /// <param name="faceId">The face that leaves.</param>
        /// <param name="otherFaceId">The face that is another person.</param>
        /// <param name="idempotencyKey">Names this request; null for a new key.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<MoveAnswer> DistinguishFacesAsync(
            Guid faceId, Guid otherFaceId, string? idempotencyKey = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            var request = new DistinctFaceRequest { FaceId = otherFaceId };
            var call = new Call(Post, Face(faceId, "/distinct")) { Body = Json.Write(request) };
            return _transport.ReadAsync<MoveAnswer>(Named(call, idempotencyKey), cancellationToken);
        }

        /// <summary>
        /// States that this is not a face. It is deleted and does not come back when its photo is processed again.
        /// </summary>
        public Task<RejectAnswer> RejectFaceAsync(
            Guid faceId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<RejectAnswer>(new Call(Post, Face(faceId, "/reject")), cancellationToken);

        /// <summary>
        /// Takes back the statement that something is not a face: it may be found again, as a new face, when its photo
        /// is processed the next time. Repeating the call is not an error.
        /// </summary>
        public Task<WithdrawalAnswer> WithdrawRejectionAsync(
            Guid faceId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<WithdrawalAnswer>(new Call(Delete, Face(faceId, "/reject")), cancellationToken);

        /// <summary>
        /// Takes back the statement that two faces are different people: their present clusters no longer count as
        /// different. No face moves. Repeating the call is not an error.
        /// </summary>
        /// <exception cref="AiWorkerNotFoundException">There is no such face.</exception>
        public Task<WithdrawalAnswer> WithdrawFaceDistinctionAsync(
            Guid faceId, Guid otherFaceId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<WithdrawalAnswer>(
                new Call(Delete, Face(faceId, "/distinct/" + otherFaceId.ToString("D"))), cancellationToken);
    }
}
