using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>
    /// The calls of <see cref="AiWorkerClient"/>, for those who want to put something else in its place, as tests do. Later
    /// versions have more of them.
    /// </summary>
    public interface IAiWorkerClient
    {
        /// <inheritdoc cref="AiWorkerClient.ProcessAsync(string, string, bool, string, CancellationToken)"/>
        Task<ProcessAnswer> ProcessAsync(
            string fileId, string imageUrl, bool details = false, string? idempotencyKey = null,
            CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ProcessBatchAsync(IEnumerable{ProcessRequest}, bool, CancellationToken)"/>
        Task<BatchReader> ProcessBatchAsync(
            IEnumerable<ProcessRequest> photos, bool details = false, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetFileAsync(string, bool, CancellationToken)"/>
        Task<FileAnswer> GetFileAsync(string fileId, bool details = false, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.DeleteFileAsync(string, CancellationToken)"/>
        Task<DeletedFaces> DeleteFileAsync(string fileId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ProcessUploadAsync(string, byte[], bool, string, CancellationToken)"/>
        Task<ProcessAnswer> ProcessUploadAsync(
            string fileId, byte[] photo, bool details = false, string? idempotencyKey = null,
            CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.IdentifyAsync(string, int?, CancellationToken)"/>
        Task<IdentifyAnswer> IdentifyAsync(
            string imageUrl, int? people = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.IdentifyAsync(byte[], int?, CancellationToken)"/>
        Task<IdentifyAnswer> IdentifyAsync(byte[] photo, int? people = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.CompareAsync(string, string, CancellationToken)"/>
        Task<CompareAnswer> CompareAsync(string firstUrl, string secondUrl, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.CompareAsync(byte[], byte[], CancellationToken)"/>
        Task<CompareAnswer> CompareAsync(byte[] first, byte[] second, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetPictureAsync(string, int?, CancellationToken)"/>
        Task<PhotoPicture> GetPictureAsync(
            string fileId, int? longest = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ReprocessAsync(string, bool, CancellationToken)"/>
        Task<ProcessAnswer> ReprocessAsync(
            string fileId, bool details = false, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.WhoAmIAsync(CancellationToken)"/>
        Task<WhoamiAnswer> WhoAmIAsync(CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListFilesAsync(string, Guid?, long?, int?, CancellationToken)"/>
        Task<FilesPage> ListFilesAsync(
            string? tag = null, Guid? clusterId = null, long? before = null, int? limit = null,
            CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListTagsAsync(int?, CancellationToken)"/>
        Task<TagList> ListTagsAsync(int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetReadingAsync(string, CancellationToken)"/>
        Task<ReadingAnswer> GetReadingAsync(string fileId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListJobsAsync(CancellationToken)"/>
        Task<JobList> ListJobsAsync(CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListFailuresAsync(int?, CancellationToken)"/>
        Task<FailureList> ListFailuresAsync(int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListClustersAsync(Guid?, int?, CancellationToken)"/>
        Task<ClusterPage> ListClustersAsync(
            Guid? after = null, int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListClustersByAsync(string, ClusterPage, int?, CancellationToken)"/>
        Task<ClusterPage> ListClustersByAsync(
            string sort, ClusterPage? before = null, int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListSimilarClustersAsync(Guid, string, int?, CancellationToken)"/>
        Task<SimilarClusterPage> ListSimilarClustersAsync(
            Guid clusterId, string? after = null, int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetClusterAsync(Guid, CancellationToken)"/>
        Task<ClusterDetails> GetClusterAsync(Guid clusterId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListFacesAsync(Guid, long?, int?, CancellationToken)"/>
        Task<FacePage> ListFacesAsync(
            Guid clusterId, long? after = null, int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetClusterThumbnailAsync(Guid, CancellationToken)"/>
        Task<Thumbnail> GetClusterThumbnailAsync(Guid clusterId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.SetRepresentativeAsync(Guid, Guid, CancellationToken)"/>
        Task<RepresentAnswer> SetRepresentativeAsync(
            Guid clusterId, Guid faceId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.MergeClustersAsync(IEnumerable{Guid}, Guid, string, CancellationToken)"/>
        Task<MergeAnswer> MergeClustersAsync(
            IEnumerable<Guid> sources, Guid target, string? idempotencyKey = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.UnmergeClusterAsync(Guid, string, CancellationToken)"/>
        Task<UnmergeAnswer> UnmergeClusterAsync(
            Guid clusterId, string? idempotencyKey = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.SplitClusterAsync(Guid, IEnumerable{Guid}, string, CancellationToken)"/>
        Task<SplitAnswer> SplitClusterAsync(
            Guid clusterId, IEnumerable<Guid> faces, string? idempotencyKey = null,
            CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.DistinguishClustersAsync(Guid, Guid, CancellationToken)"/>
        Task<DistinctAnswer> DistinguishClustersAsync(
            Guid clusterId, Guid otherClusterId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.WithdrawClusterDistinctionAsync(Guid, Guid, CancellationToken)"/>
        Task<DistinctAnswer> WithdrawClusterDistinctionAsync(
            Guid clusterId, Guid otherClusterId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.DeleteClusterAsync(Guid, CancellationToken)"/>
        Task<DeletedFaces> DeleteClusterAsync(Guid clusterId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ConsolidateAsync(bool, Guid?, int?, CancellationToken)"/>
        Task<ConsolidationAnswer> ConsolidateAsync(
            bool dryRun = false, Guid? after = null, int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListChangesAsync(long?, int?, CancellationToken)"/>
        Task<ChangesPage> ListChangesAsync(
            long? after = null, int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.FilterClustersAsync(bool?, bool?, string, ClusterPage, int?, CancellationToken)"/>
        Task<ClusterPage> FilterClustersAsync(
            bool? hidden, bool? provisional, string sort = ClusterSorts.Id, ClusterPage? before = null, int? limit = null,
            CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.HideClusterAsync(Guid, bool, CancellationToken)"/>
        Task<ClusterAnswer> HideClusterAsync(
            Guid clusterId, bool hidden = true, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListFacesByFitAsync(Guid, long?, int?, CancellationToken)"/>
        Task<FacePage> ListFacesByFitAsync(
            Guid clusterId, long? after = null, int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListPairsAsync(bool, string, int?, CancellationToken)"/>
        Task<PairPage> ListPairsAsync(
            bool unsure = false, string? after = null, int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.MarkClustersUnsureAsync(Guid, Guid, CancellationToken)"/>
        Task<UnsureAnswer> MarkClustersUnsureAsync(
            Guid clusterId, Guid otherClusterId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.WithdrawClustersUnsureAsync(Guid, Guid, CancellationToken)"/>
        Task<UnsureAnswer> WithdrawClustersUnsureAsync(
            Guid clusterId, Guid otherClusterId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetFaceAsync(Guid, CancellationToken)"/>
        Task<FaceAnswer> GetFaceAsync(Guid faceId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetFaceThumbnailAsync(Guid, CancellationToken)"/>
        Task<Thumbnail> GetFaceThumbnailAsync(Guid faceId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.MoveFaceAsync(Guid, Guid?, string, CancellationToken)"/>
        Task<MoveAnswer> MoveFaceAsync(
            Guid faceId, Guid? clusterId, string? idempotencyKey = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.DistinguishFacesAsync(Guid, Guid, string, CancellationToken)"/>
        Task<MoveAnswer> DistinguishFacesAsync(
            Guid faceId, Guid otherFaceId, string? idempotencyKey = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.RejectFaceAsync(Guid, CancellationToken)"/>
        Task<RejectAnswer> RejectFaceAsync(Guid faceId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.WithdrawRejectionAsync(Guid, CancellationToken)"/>
        Task<WithdrawalAnswer> WithdrawRejectionAsync(Guid faceId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.WithdrawFaceDistinctionAsync(Guid, Guid, CancellationToken)"/>
        Task<WithdrawalAnswer> WithdrawFaceDistinctionAsync(
            Guid faceId, Guid otherFaceId, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListCorrectionsAsync(Guid, long?, int?, CancellationToken)"/>
        Task<HistoryAnswer> ListCorrectionsAsync(
            Guid clusterId, long? before = null, int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.UndoCorrectionAsync(Guid, long, string, CancellationToken)"/>
        Task<UndoAnswer> UndoCorrectionAsync(
            Guid clusterId, long position, string? idempotencyKey = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListPluginsAsync(CancellationToken)"/>
        Task<IList<SlotReport>> ListPluginsAsync(CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.SwapPluginAsync(string, byte[], string, CancellationToken)"/>
        Task<Change> SwapPluginAsync(
            string slot, byte[] component, string? signature = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.SwapPluginUntriedAsync(string, byte[], string, CancellationToken)"/>
        Task<Change> SwapPluginUntriedAsync(
            string slot, byte[] component, string? signature = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.RollBackPluginAsync(string, CancellationToken)"/>
        Task<Change> RollBackPluginAsync(string slot, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.StartShadowAsync(string, byte[], string, CancellationToken)"/>
        Task<ShadowReport> StartShadowAsync(
            string slot, byte[] component, string? signature = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetShadowAsync(string, CancellationToken)"/>
        Task<ShadowReport> GetShadowAsync(string slot, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.EndShadowAsync(string, CancellationToken)"/>
        Task<ShadowReport> EndShadowAsync(string slot, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.StartReplayAsync(string, byte[], bool, string, CancellationToken)"/>
        Task<ReplayStatus> StartReplayAsync(
            string slot, byte[] component, bool apply = false, string? signature = null,
            CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetReplayAsync(string, CancellationToken)"/>
        Task<ReplayStatus> GetReplayAsync(string slot, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.ListAuditEntriesAsync(long?, int?, CancellationToken)"/>
        Task<AuditPage> ListAuditEntriesAsync(
            long? after = null, int? limit = null, CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.StartBackupAsync(CancellationToken)"/>
        Task<BackupStatus> StartBackupAsync(CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetBackupAsync(CancellationToken)"/>
        Task<BackupStatus> GetBackupAsync(CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.StartVerificationAsync(CancellationToken)"/>
        Task<VerificationStatus> StartVerificationAsync(CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetVerificationAsync(CancellationToken)"/>
        Task<VerificationStatus> GetVerificationAsync(CancellationToken cancellationToken = default);

        /// <inheritdoc cref="AiWorkerClient.GetHealthAsync(CancellationToken)"/>
        Task<Health> GetHealthAsync(CancellationToken cancellationToken = default);
    }
}
