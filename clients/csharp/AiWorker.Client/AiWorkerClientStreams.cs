#if NET8_0_OR_GREATER
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>
    /// Batches and lists as streams, for <c>await foreach</c>. Each page is requested when the previous one has been
    /// read, so a reader that stops early causes no further requests. Errors are thrown where the stream is read.
    /// </summary>
    public static class AiWorkerClientStreams
    {
        /// <summary>Describes many photos; each result comes as soon as it is ready. One failing photo does not affect
        /// the others.</summary>
        /// <param name="client">Calls the worker.</param>
        /// <param name="photos">At least one, at most <c>BATCH_PHOTOS</c> of the worker, each with its own id.</param>
        /// <param name="details">Whether to add details about how the answers were made.</param>
        /// <param name="cancellationToken">Stops the batch: what is not yet done is not done.</param>
        public static async IAsyncEnumerable<BatchResult> ProcessEachAsync(
            this IAiWorkerClient client, IEnumerable<ProcessRequest> photos, bool details = false,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            using BatchReader batch = await client.ProcessBatchAsync(photos, details, cancellationToken).ConfigureAwait(false);
            await foreach (BatchResult result in batch.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return result;
        }

        /// <summary>The results of a batch that are still to come. Stopping early does not dispose the batch.</summary>
        /// <param name="batch">The batch.</param>
        /// <param name="cancellationToken">Gives up waiting for the next result.</param>
        public static async IAsyncEnumerable<BatchResult> ReadAllAsync(
            this BatchReader batch, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            while (await batch.ReadAsync(cancellationToken).ConfigureAwait(false) is { } result)
                yield return result;
        }

        /// <summary>All people.</summary>
        /// <param name="client">Calls the worker.</param>
        /// <param name="sort">The order: <see cref="ClusterSorts"/>.</param>
        /// <param name="hidden">True lists only hidden people, false only those who are not hidden; null lists
        /// both.</param>
        /// <param name="provisional">True lists only provisional people, false only those who are not provisional; null
        /// lists both.</param>
        /// <param name="pageSize">How many entries to request at a time, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public static IAsyncEnumerable<ClusterAnswer> AllClustersAsync(
            this IAiWorkerClient client, string sort = ClusterSorts.Id, bool? hidden = null, bool? provisional = null,
            int? pageSize = null, CancellationToken cancellationToken = default) =>
            Each<ClusterPage, ClusterAnswer>(
                (last, limit) => client.FilterClustersAsync(hidden, provisional, sort, last, pageSize, limit),
                page => page.Clusters, page => page.Next != null, cancellationToken);

        /// <summary>The faces of one person in the order in which they were stored.</summary>
        /// <param name="client">Calls the worker.</param>
        /// <param name="clusterId">The person.</param>
        /// <param name="pageSize">How many entries to request at a time, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public static IAsyncEnumerable<ClusterFace> AllFacesAsync(
            this IAiWorkerClient client, Guid clusterId, int? pageSize = null, CancellationToken cancellationToken = default) =>
            Each<FacePage, ClusterFace>(
                (last, limit) => client.ListFacesAsync(clusterId, last?.Next, pageSize, limit),
                page => page.Faces, page => page.Next != null, cancellationToken);

        /// <summary>The faces of one person, those first that fit least to the others.</summary>
        /// <param name="client">Calls the worker.</param>
        /// <param name="clusterId">The person.</param>
        /// <param name="pageSize">How many entries to request at a time, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public static IAsyncEnumerable<ClusterFace> AllFacesByFitAsync(
            this IAiWorkerClient client, Guid clusterId, int? pageSize = null, CancellationToken cancellationToken = default) =>
            Each<FacePage, ClusterFace>(
                (last, limit) => client.ListFacesByFitAsync(clusterId, last?.Next, pageSize, limit),
                page => page.Faces, page => page.Next != null, cancellationToken);

        /// <summary>Photos that were processed, the newest first.</summary>
        /// <param name="client">Calls the worker.</param>
        /// <param name="tag">Lists only photos with this tag; null for all photos.</param>
        /// <param name="clusterId">Lists only photos with this person; null for all photos.</param>
        /// <param name="pageSize">How many entries to request at a time, 1 to 500; 50 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public static IAsyncEnumerable<ListedFile> AllFilesAsync(
            this IAiWorkerClient client, string? tag = null, Guid? clusterId = null, int? pageSize = null,
            CancellationToken cancellationToken = default) =>
            Each<FilesPage, ListedFile>(
                (last, limit) => client.ListFilesAsync(tag, clusterId, last?.Next, pageSize, limit),
                page => page.Files, page => page.Next != null, cancellationToken);

        /// <summary>What was corrected about a person, newest first.</summary>
        /// <param name="client">Calls the worker.</param>
        /// <param name="clusterId">The person.</param>
        /// <param name="pageSize">How many entries to request at a time, 1 to 100; 20 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public static IAsyncEnumerable<CorrectionEntry> AllCorrectionsAsync(
            this IAiWorkerClient client, Guid clusterId, int? pageSize = null, CancellationToken cancellationToken = default) =>
            Each<HistoryAnswer, CorrectionEntry>(
                (last, limit) => client.ListCorrectionsAsync(clusterId, last?.Next, pageSize, limit),
                page => page.Entries, page => page.Next != null, cancellationToken);

        /// <summary>The people who resemble one, most similar first.</summary>
        /// <param name="client">Calls the worker.</param>
        /// <param name="clusterId">The person.</param>
        /// <param name="pageSize">How many entries to request at a time, 1 to 100; 20 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public static IAsyncEnumerable<SimilarCluster> AllSimilarClustersAsync(
            this IAiWorkerClient client, Guid clusterId, int? pageSize = null, CancellationToken cancellationToken = default) =>
            Each<SimilarClusterPage, SimilarCluster>(
                (last, limit) => client.ListSimilarClustersAsync(clusterId, last?.Next, pageSize, limit),
                page => page.Similar, page => page.Next != null, cancellationToken);

        /// <summary>Pairs of people who may be one.</summary>
        /// <param name="client">Calls the worker.</param>
        /// <param name="unsure">Whether to include pairs that were marked as unsure.</param>
        /// <param name="pageSize">How many entries to request at a time, 1 to 100; 20 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public static IAsyncEnumerable<PairAnswer> AllPairsAsync(
            this IAiWorkerClient client, bool unsure = false, int? pageSize = null,
            CancellationToken cancellationToken = default) =>
            Each<PairPage, PairAnswer>(
                (last, limit) => client.ListPairsAsync(unsure, last?.Next, pageSize, limit),
                page => page.Pairs, page => page.Next != null, cancellationToken);

        /// <summary>What happened to people since, in order, up to the latest change of now.</summary>
        /// <param name="client">Calls the worker.</param>
        /// <param name="after">The position of the last change that is known; null for the earliest that the worker keeps.</param>
        /// <param name="pageSize">How many entries to request at a time, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public static IAsyncEnumerable<PeopleChange> AllChangesAsync(
            this IAiWorkerClient client, long? after = null, int? pageSize = null, CancellationToken cancellationToken = default) =>
            Each<ChangesPage, PeopleChange>(
                (last, limit) => client.ListChangesAsync(last?.Next ?? after, pageSize, limit),
                page => page.Changes, page => page.Next < page.Latest, cancellationToken);

        /// <summary>The audit log, in order, up to the latest entry of now. Needs the admin key.</summary>
        /// <param name="client">Calls the worker.</param>
        /// <param name="after">The position of the last entry that is known; null for the earliest that the worker keeps.</param>
        /// <param name="pageSize">How many entries to request at a time, 1 to 1000; 100 when null.</param>
        /// <param name="cancellationToken">Gives up waiting.</param>
        public static IAsyncEnumerable<AuditEntry> AllAuditEntriesAsync(
            this IAiWorkerClient client, long? after = null, int? pageSize = null, CancellationToken cancellationToken = default) =>
            Each<AuditPage, AuditEntry>(
                (last, limit) => client.ListAuditEntriesAsync(last?.Next ?? after, pageSize, limit),
                page => page.Entries, page => page.Next < page.Latest, cancellationToken);

        /// <summary>The items of all pages. The list is called with the previous page, or with null for the first page.</summary>
        private static async IAsyncEnumerable<TItem> Each<TPage, TItem>(
            Func<TPage?, CancellationToken, Task<TPage>> list, Func<TPage, IEnumerable<TItem>> items, Func<TPage, bool> goesOn,
            [EnumeratorCancellation] CancellationToken cancellationToken)
            where TPage : class
        {
            TPage? last = null;
            do
            {
                last = await list(last, cancellationToken).ConfigureAwait(false);
                foreach (TItem item in items(last))
                    yield return item;
            }
            while (goesOn(last));
        }
    }
}
#endif
