using System;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    public sealed partial class AiWorkerClient
    {
        /// <summary>Photos that were processed, the newest first, page by page.</summary>
        /// <param name="tag">Lists only photos with this tag; null for all photos.</param>
        /// <param name="clusterId">
        /// Lists only photos with this person; null for all photos. The id of a cluster that was merged into another
        /// one means the cluster that contains it now.
        /// </param>
        /// <param name="before">
        /// <see cref="FilesPage.Next"/> of the previous page, requested with the same tag and person; null for the
        /// first page.
        /// </param>
        /// <param name="limit">Most photos of a page, 1 to 500; 50 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerNotFoundException">There is no such cluster and never was.</exception>
        public Task<FilesPage> ListFilesAsync(
            string? tag = null, Guid? clusterId = null, long? before = null, int? limit = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            string query = Query(
                Parameter("tag", tag), Parameter("cluster_id", clusterId?.ToString("D")),
                Parameter("before", before?.ToString()), Parameter("limit", limit?.ToString()));
            return _transport.ReadAsync<FilesPage>(new Call(Get, "api/files" + query), cancellationToken);
        }

        /// <summary>The tags of the stored photos, the most frequent first.</summary>
        /// <param name="limit">Most tags, 1 to 1000; 200 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<TagList> ListTagsAsync(
            int? limit = null, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<TagList>(
                new Call(Get, "api/tags" + Query(Parameter("limit", limit?.ToString()))), cancellationToken);

        /// <summary>
        /// What the active plugins answer about a stored photo now, with reasons. No photo is fetched, and nothing is
        /// stored.
        /// </summary>
        /// <exception cref="AiWorkerNotFoundException">Nothing is stored under this name.</exception>
        public Task<ReadingAnswer> GetReadingAsync(
            string fileId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ReadingAnswer>(
                new Call(Get, "api/readings/" + Escaped(fileId)), cancellationToken);

        /// <summary>What the worker is doing beside single photos, and the last jobs that have ended since it started.</summary>
        public Task<JobList> ListJobsAsync(CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<JobList>(new Call(Get, "api/jobs"), cancellationToken);

        /// <summary>What failed lately at the worker, and why; the key needs the role <c>curate</c>.</summary>
        /// <param name="limit">Most failures, 1 to 1000; 50 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<FailureList> ListFailuresAsync(
            int? limit = null, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<FailureList>(
                new Call(Get, "api/failures" + Query(Parameter("limit", limit?.ToString()))), cancellationToken);
    }
}
