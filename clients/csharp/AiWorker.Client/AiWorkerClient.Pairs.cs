using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    public sealed partial class AiWorkerClient
    {
        private static readonly HttpMethod Patch = new HttpMethod("PATCH");

        /// <summary>Those who are known and are hidden or provisional, or are not, page by page.</summary>
        /// <param name="hidden">True lists only hidden people, false only those who are not hidden; null lists
        /// both.</param>
        /// <param name="provisional">True lists only provisional people, false only those who are not provisional; null
        /// lists both.</param>
        /// <param name="sort">The order: <see cref="ClusterSorts"/>.</param>
        /// <param name="before">The previous page; null for the first page.</param>
        /// <param name="limit">Most clusters of a page, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<ClusterPage> FilterClustersAsync(
            bool? hidden, bool? provisional, string sort = ClusterSorts.Id, ClusterPage? before = null, int? limit = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            string query = Query(
                Parameter("sort", sort ?? throw new ArgumentNullException(nameof(sort))),
                Parameter("hidden", Text(hidden)),
                Parameter("provisional", Text(provisional)),
                Parameter("after", before?.Next?.ToString("D")),
                Parameter("after_key", before?.NextKey?.ToString()),
                Parameter("limit", limit?.ToString()));
            return _transport.ReadAsync<ClusterPage>(new Call(Get, "api/clusters" + query), cancellationToken);
        }

        /// <summary>
        /// Hides a person from lists and pairs, or shows the person again. Nothing else changes.
        /// </summary>
        /// <exception cref="AiWorkerNotFoundException">There is no such cluster and never was.</exception>
        public Task<ClusterAnswer> HideClusterAsync(
            Guid clusterId, bool hidden = true, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<ClusterAnswer>(
                new Call(Patch, Cluster(clusterId)) { Body = Json.Write(new ChangeClusterRequest { Hidden = hidden }) },
                cancellationToken);

        /// <summary>
        /// The faces of one person, page by page, each with its similarity; the faces that fit the others least come
        /// first.
        /// </summary>
        /// <param name="clusterId">The person.</param>
        /// <param name="after"><see cref="FacePage.Next"/> of the previous page; null for the first page.</param>
        /// <param name="limit">Most faces of a page, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<FacePage> ListFacesByFitAsync(
            Guid clusterId, long? after = null, int? limit = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            string query = Query(
                Parameter("sort", "fit"), Parameter("after", after?.ToString()), Parameter("limit", limit?.ToString()));
            return _transport.ReadAsync<FacePage>(new Call(Get, Cluster(clusterId, "/faces" + query)), cancellationToken);
        }

        /// <summary>
        /// Pairs of people who may be the same person, page by page, for a user who decides: by a merge, by stating
        /// that they are different, or by <see cref="MarkClustersUnsureAsync"/>. An empty page is not necessarily the
        /// last one.
        /// </summary>
        /// <param name="unsure">Whether to include pairs that were marked as unsure.</param>
        /// <param name="after"><see cref="PairPage.Next"/> of the previous page; null for the first page.</param>
        /// <param name="limit">Most pairs of a page, 1 to 100; 20 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public Task<PairPage> ListPairsAsync(
            bool unsure = false, string? after = null, int? limit = null,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            string query = Query(
                Parameter("unsure", unsure ? "true" : null), Parameter("after", after), Parameter("limit", limit?.ToString()));
            return _transport.ReadAsync<PairPage>(new Call(Get, "api/pairs" + query), cancellationToken);
        }

        /// <summary>
        /// Marks a pair as unsure: a user could not tell whether two clusters are the same person, so the pair is not
        /// shown again. Repeating the call is not an error.
        /// </summary>
        /// <exception cref="AiWorkerConflictException">Both ids name one cluster.</exception>
        public Task<UnsureAnswer> MarkClustersUnsureAsync(
            Guid clusterId, Guid otherClusterId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<UnsureAnswer>(new Call(Put, Unsure(clusterId, otherClusterId)), cancellationToken);

        /// <summary>Removes the mark that a pair is unsure. Repeating the call is not an error.</summary>
        /// <exception cref="AiWorkerConflictException">Both ids name one cluster.</exception>
        public Task<UnsureAnswer> WithdrawClustersUnsureAsync(
            Guid clusterId, Guid otherClusterId, CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<UnsureAnswer>(new Call(Delete, Unsure(clusterId, otherClusterId)), cancellationToken);

        private static string Unsure(Guid clusterId, Guid otherClusterId) =>
            Cluster(clusterId, "/unsure/" + otherClusterId.ToString("D"));

        private static string? Text(bool? value) => value == null ? null : value.Value ? "true" : "false";
    }
}
