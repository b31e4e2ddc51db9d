using System;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    public sealed partial class AiWorkerClient
    {
        /// <summary>
        /// The corrections of a person, newest first, and whether each can be undone; including the corrections of
        /// everybody who was merged into the person.
        /// </summary>
        /// <param name="clusterId">The person.</param>
        /// <param name="before"><see cref="HistoryAnswer.Next"/> of the previous page; null for the newest.</param>
        /// <param name="limit">Most corrections of a page, 1 to 100; 20 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerNotFoundException">The cluster never was.</exception>
        public Task<HistoryAnswer> ListCorrectionsAsync(
            Guid clusterId, long? before = null, int? limit = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            string query = Query(Parameter("before", before?.ToString()), Parameter("limit", limit?.ToString()));
            return _transport.ReadAsync<HistoryAnswer>(new Call(Get, Cluster(clusterId, "/history" + query)), cancellationToken);
        }

        /// <summary>
        /// Undoes one correction: everything that it changed is restored. The undo is itself a correction and can be
        /// undone.
        /// </summary>
        /// <param name="clusterId">A person that the correction concerns.</param>
        /// <param name="position"><see cref="CorrectionEntry.Position"/>.</param>
        /// <param name="idempotencyKey">Names this request; null for a new key.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerConflictException">
        /// With <see cref="ProblemCodes.NotUndoable"/>: a later correction concerns some of the same people, faces or
        /// photos, or one of them was deleted.
        /// </exception>
        /// <exception cref="AiWorkerNotFoundException">The person's history has no such correction.</exception>
        public Task<UndoAnswer> UndoCorrectionAsync(
            Guid clusterId, long position, string? idempotencyKey = null,
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<UndoAnswer>(
                Named(new Call(Post, Cluster(clusterId, "/history/" + position + "/undo")), idempotencyKey), cancellationToken);
    }
}
