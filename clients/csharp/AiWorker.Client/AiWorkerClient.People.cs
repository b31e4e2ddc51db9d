using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    public sealed partial class AiWorkerClient
    {
        /// <summary>Everybody who is known, in the order of ids, page by page.</summary>
        /// <param name="after"><see cref="ClusterPage.Next"/> of the page before; null for the first page.</param>
        /// <param name="limit">Most clusters of a page, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<ClusterPage> ListClustersAsync(
            Guid? after = null, int? limit = null, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ClusterPage>(
                new Call(Get, "api/clusters" + Page(after?.ToString("D"), limit)), cancellationToken);

        /// <summary>Everybody who is known, in another order, page by page.</summary>
        /// <param name="sort">The order: <see cref="ClusterSorts"/>.</param>
        /// <param name="before">The page before; null for the first page.</param>
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
        /// The people who resemble one most, page by page, for somebody who is to say which of them are the same person.
        /// </summary>
        /// <param name="clusterId">The one.</param>
        /// <param name="after"><see cref="SimilarClusterPage.Next"/> of the page before; null for the first page.</param>
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
        /// <param name="after"><see cref="FacePage.Next"/> of the page before; null for the first page.</param>
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
        /// Makes several clusters one person: every face moves or none. The ids that were merged away keep answering for
        /// the target. Repeating it moves nothing and is no error.
        /// </summary>
        /// <param name="sources">At least one; without the target.</param>
        /// <param name="target">Gets their faces.</param>
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
        /// Takes a merge back: the cluster exists again, with the faces it had, and the two are told apart from then on.
        /// Faces that joined since go with the one of the two that they resemble more, unless somebody placed them.
        /// </summary>
        /// <param name="clusterId">The cluster that was merged away.</param>
        /// <param name="idempotencyKey">Names this request; null for a new key.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerConflictException">No face is left that could be given back.</exception>
        public Task<UnmergeAnswer> UnmergeClusterAsync(
            Guid clusterId, string? idempotencyKey = null, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<UnmergeAnswer>(
                Named(new Call(Post, Cluster(clusterId, "/unmerge")), idempotencyKey), cancellationToken);

        /// <summary>
        /// Takes faces out of a cluster into a new one: they are another person. The two are told apart from then on.
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

        /// <summary>Says that two clusters are different people, for good.</summary>
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
        /// Takes back that two clusters are different people, also where a split, a move or an unmerge had said so. Nothing
        /// moves. Repeating it is no error.
        /// </summary>
        /// <exception cref="AiWorkerConflictException">Both ids name one cluster.</exception>
        public Task<DistinctAnswer> WithdrawClusterDistinctionAsync(
            Guid clusterId, Guid otherClusterId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<DistinctAnswer>(
                new Call(Delete, Cluster(clusterId, "/distinct/" + otherClusterId.ToString("D"))), cancellationToken);

        /// <summary>Deletes a person: faces, pictures, ids, also from the photos. Repeating it is no error.</summary>
        public Task<DeletedFaces> DeleteClusterAsync(
            Guid clusterId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<DeletedFaces>(new Call(Delete, Cluster(clusterId)), cancellationToken);

        /// <summary>
        /// Asks the policy again about clusters that resemble each other, and merges those that are one person by now.
        /// Looks at a page of clusters; go on with <see cref="ConsolidationAnswer.Next"/>.
        /// </summary>
        /// <param name="dryRun">Only say what would be done.</param>
        /// <param name="after"><see cref="ConsolidationAnswer.Next"/> of the answer before; null to begin.</param>
        /// <param name="limit">How many clusters to look at, 1 to 1000; 100 when null.</param>
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
        /// What happened to people, in order, whoever did it, page by page: for keeping a copy of who is who.
        /// </summary>
        /// <param name="after">
        /// <see cref="ChangesPage.Next"/> of the page before, or the <see cref="ChangesPage.Latest"/> of a moment from which
        /// on a copy is kept; null for the earliest that the worker keeps.
        /// </param>
        /// <param name="limit">Most changes of a page, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        /// <exception cref="AiWorkerProblemException">
        /// With <see cref="ProblemCodes.ChangesGone"/>: the worker does not keep these any more; read everything anew.
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
