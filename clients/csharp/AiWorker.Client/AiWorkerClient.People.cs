using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    public sealed partial class AiWorkerClient
    {
        /// <summary>All people in the order of their ids, page by page.</summary>
        /// <param name="after"><see cref="ClusterPage.Next"/> of the previous page; null for the first page.</param>
        /// <param name="limit">Most clusters of a page, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<ClusterPage> ListClustersAsync(
            Guid? after = null, int? limit = null, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ClusterPage>(
                new Call(Get, "api/clusters" + Page(after?.ToString("D"), limit)), cancellationToken);

        /// <summary>All people in another order, page by page.</summary>
        /// <param name="sort">The order: <see cref="ClusterSorts"/>.</param>
        /// <param name="before">The previous page; null for the first page.</param>
        /// <param name="limit">Most clusters of a page, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<ClusterPage> ListClustersByAsync(
            string sort, ClusterPage? before = null, int? limit = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            string query = Query(
                Parameter("sort", sort ?? throw new ArgumentNullException(nameof(sort))),
                Parameter("after", before?.Next?.ToString("D")),
                Parameter("after_key", before?.NextKey?.ToString()),
                Parameter("limit", limit?.ToString()));
            return _transport.ReadAsync<ClusterPage>(new Call(Get, "api/clusters" + query), cancellationToken);
        }

        /// <summary>
        /// The people who are most similar to one person, page by page, for a user who decides which of them are the
        /// same person.
        /// </summary>
        /// <param name="clusterId">The person.</param>
        /// <param name="after"><see cref="SimilarClusterPage.Next"/> of the previous page; null for the first page.</param>
        /// <param name="limit">Most people of a page, 1 to 100; 20 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerNotFoundException">There is no such cluster and never was.</exception>
        public Task<SimilarClusterPage> ListSimilarClustersAsync(
            Guid clusterId, string? after = null, int? limit = null,
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<SimilarClusterPage>(
                new Call(Get, Cluster(clusterId, "/similar" + Page(after, limit))), cancellationToken);

        /// <summary>One person. The id of a cluster that was merged away answers for the one it is in now.</summary>
        /// <exception cref="AiWorkerNotFoundException">There is no such cluster and never was.</exception>
        public Task<ClusterDetails> GetClusterAsync(
            Guid clusterId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ClusterDetails>(new Call(Get, Cluster(clusterId)), cancellationToken);

        /// <summary>The faces of one person in the order in which they were stored, page by page.</summary>
        /// <param name="clusterId">The person.</param>
        /// <param name="after"><see cref="FacePage.Next"/> of the previous page; null for the first page.</param>
        /// <param name="limit">Most faces of a page, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<FacePage> ListFacesAsync(
            Guid clusterId, long? after = null, int? limit = null,
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<FacePage>(
                new Call(Get, Cluster(clusterId, "/faces" + Page(after?.ToString(), limit))), cancellationToken);

        /// <summary>The picture that stands for a person.</summary>
        public async Task<Thumbnail> GetClusterThumbnailAsync(
            Guid clusterId, CancellationToken cancellationToken = default(CancellationToken)) =>
            new Thumbnail(await _transport.SendAsync(
                Picture("api/cluster/" + clusterId.ToString("D") + "/thumbnail"), cancellationToken).ConfigureAwait(false));

        /// <summary>Chooses the face whose picture stands for a person.</summary>
        public Task<RepresentAnswer> SetRepresentativeAsync(
            Guid clusterId, Guid faceId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<RepresentAnswer>(
                new Call(Put, Cluster(clusterId, "/representative")) { Body = Json.Write(new RepresentRequest { FaceId = faceId }) },
                cancellationToken);

        /// <summary>
        /// Makes several clusters one person: either all faces move or none. The ids of the source clusters stay valid
        /// and mean the target. Repeating the call moves nothing and is not an error.
        /// </summary>
        /// <param name="sources">At least one; without the target.</param>
        /// <param name="target">The cluster that gets their faces.</param>
        /// <param name="idempotencyKey">Names this request; null for a new key.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerNotFoundException">One of the clusters never was.</exception>
        public Task<MergeAnswer> MergeClustersAsync(
            IEnumerable<Guid> sources, Guid target, string? idempotencyKey = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            var request = new MergeRequest
            {
                SourceClusterIds = (sources ?? throw new ArgumentNullException(nameof(sources))).ToArray(),
                TargetClusterId = target,
            };
            var call = new Call(Post, "api/merge-clusters") { Body = Json.Write(request) };
            return _transport.ReadAsync<MergeAnswer>(Named(call, idempotencyKey), cancellationToken);
        }

        /// <summary>
        /// Takes back a merge: the cluster exists again, with the faces that it had, and from then on the two count as
        /// different people. Faces that joined after the merge go to the cluster that they resemble more, unless a
        /// person placed them.
        /// </summary>
        /// <param name="clusterId">The cluster that was merged into another one.</param>
        /// <param name="idempotencyKey">Names this request; null for a new key.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerConflictException">No face is left that could be given back.</exception>
        public Task<UnmergeAnswer> UnmergeClusterAsync(
            Guid clusterId, string? idempotencyKey = null, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<UnmergeAnswer>(
                Named(new Call(Post, Cluster(clusterId, "/unmerge")), idempotencyKey), cancellationToken);

        /// <summary>
        /// Moves faces out of a cluster into a new one, because they are another person. From then on the two count as
        /// different people.
        /// </summary>
        /// <param name="clusterId">The cluster that keeps the other faces.</param>
        /// <param name="faces">At least one, and not every face of the cluster.</param>
        /// <param name="idempotencyKey">Names this request; null for a new key.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerConflictException">A face is in another cluster, or none would stay.</exception>
        public Task<SplitAnswer> SplitClusterAsync(
            Guid clusterId, IEnumerable<Guid> faces, string? idempotencyKey = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            var request = new SplitRequest { FaceIds = (faces ?? throw new ArgumentNullException(nameof(faces))).ToArray() };
            var call = new Call(Post, Cluster(clusterId, "/split")) { Body = Json.Write(request) };
            return _transport.ReadAsync<SplitAnswer>(Named(call, idempotencyKey), cancellationToken);
        }

        /// <summary>States permanently that two clusters are different people.</summary>
        /// <exception cref="AiWorkerConflictException">Both ids name one cluster.</exception>
        public Task<DistinctAnswer> DistinguishClustersAsync(
            Guid clusterId, Guid otherClusterId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<DistinctAnswer>(
                new Call(Post, Cluster(clusterId, "/distinct"))
                {
                    Body = Json.Write(new DistinctClusterRequest { ClusterId = otherClusterId }),
                },
                cancellationToken);

        /// <summary>
        /// Takes back the statement that two clusters are different people, even if a split, a move or an unmerge made
        /// it. No face moves. Repeating the call is not an error.
        /// </summary>
        /// <exception cref="AiWorkerConflictException">Both ids name one cluster.</exception>
        public Task<DistinctAnswer> WithdrawClusterDistinctionAsync(
            Guid clusterId, Guid otherClusterId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<DistinctAnswer>(
                new Call(Delete, Cluster(clusterId, "/distinct/" + otherClusterId.ToString("D"))), cancellationToken);

        /// <summary>Deletes a person: faces, pictures, ids, also in the stored photos. Repeating the call is not an error.</summary>
        public Task<DeletedFaces> DeleteClusterAsync(
            Guid clusterId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<DeletedFaces>(new Call(Delete, Cluster(clusterId)), cancellationToken);

        /// <summary>
        /// Asks the cluster policy again about similar clusters, and merges those that are now found to be one person.
        /// Each call compares one page of clusters; continue with <see cref="ConsolidationAnswer.Next"/>.
        /// </summary>
        /// <param name="dryRun">Whether to only report what would be done.</param>
        /// <param name="after"><see cref="ConsolidationAnswer.Next"/> of the previous answer; null to start.</param>
        /// <param name="limit">How many clusters to compare, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<ConsolidationAnswer> ConsolidateAsync(
            bool dryRun = false, Guid? after = null, int? limit = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            var request = new ConsolidateRequest { DryRun = dryRun, After = after, Limit = limit };
            return _transport.ReadAsync<ConsolidationAnswer>(
                new Call(Post, "api/clusters/consolidate") { Body = Json.Write(request) }, cancellationToken);
        }

        /// <summary>
        /// The changes to people, in order and page by page, whatever caused them. Use them to keep a copy of all
        /// people up to date.
        /// </summary>
        /// <param name="after">
        /// <see cref="ChangesPage.Next"/> of the previous page, or the <see cref="ChangesPage.Latest"/> from when the
        /// copy was made; null for the earliest change that the worker keeps.
        /// </param>
        /// <param name="limit">Most changes of a page, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerProblemException">
        /// With <see cref="ProblemCodes.ChangesGone"/>: the worker no longer keeps these changes; read all data again.
        /// </exception>
        public Task<ChangesPage> ListChangesAsync(
            long? after = null, int? limit = null, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ChangesPage>(
                new Call(Get, "api/changes" + Page(after?.ToString(), limit)), cancellationToken);

        private static Call Picture(string path) => new Call(Get, path) { Accept = "image/jpeg" };

        private static string Page(string? after, int? limit) =>
            Query(Parameter("after", after), Parameter("limit", limit?.ToString()));

        /// <summary>A parameter of a query; null when it has no value.</summary>
        private static string? Parameter(string name, string? value) =>
            value == null ? null : name + "=" + Uri.EscapeDataString(value);

        private static string Query(params string?[] parameters)
        {
            string query = string.Join("&", parameters.Where(parameter => parameter != null));
            return query.Length == 0 ? "" : "?" + query;
        }
    }
}
