using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>
    /// Every public member of the client's version 0.1, used as code that was written for it may use it: that it compiles, as
    /// C# 7.2, is the test. Nothing runs it. Nothing in it is ever changed.
    /// </summary>
    internal static class Version01
    {
        private static T Any<T>() => default(T);

        private static void Take<T>(T value) { }

        private static void AiWorkerAccessException(AiWorkerAccessException it)
        {
            Take<AiWorkerProblemException>(it);
        }

        private static void AiWorkerAnswerException(AiWorkerAnswerException it)
        {
            Take<AiWorkerException>(it);
            Take<TimeSpan?>(it.RetryAfter);
            Take<HttpStatusCode>(it.Status);
        }

        private static void AiWorkerClient(AiWorkerClient it)
        {
            Take(new AiWorker.Client.AiWorkerClient(http: Any<HttpClient>(), options: Any<AiWorkerClientOptions>()));
            Take<Task<CompareAnswer>>(it.CompareAsync(Any<string>(), Any<string>()));
            Take<Task<CompareAnswer>>(it.CompareAsync(firstUrl: Any<string>(), secondUrl: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<CompareAnswer>>(it.CompareAsync(Any<byte[]>(), Any<byte[]>()));
            Take<Task<CompareAnswer>>(it.CompareAsync(first: Any<byte[]>(), second: Any<byte[]>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ConsolidationAnswer>>(it.ConsolidateAsync());
            Take<Task<ConsolidationAnswer>>(it.ConsolidateAsync(dryRun: Any<bool>(), after: Any<Guid?>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<DeletedFaces>>(it.DeleteClusterAsync(Any<Guid>()));
            Take<Task<DeletedFaces>>(it.DeleteClusterAsync(clusterId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<DeletedFaces>>(it.DeleteFileAsync(Any<string>()));
            Take<Task<DeletedFaces>>(it.DeleteFileAsync(fileId: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<DistinctAnswer>>(it.DistinguishClustersAsync(Any<Guid>(), Any<Guid>()));
            Take<Task<DistinctAnswer>>(it.DistinguishClustersAsync(clusterId: Any<Guid>(), otherClusterId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<MoveAnswer>>(it.DistinguishFacesAsync(Any<Guid>(), Any<Guid>()));
            Take<Task<MoveAnswer>>(it.DistinguishFacesAsync(faceId: Any<Guid>(), otherFaceId: Any<Guid>(), idempotencyKey: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ShadowReport>>(it.EndShadowAsync(Any<string>()));
            Take<Task<ShadowReport>>(it.EndShadowAsync(slot: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ClusterPage>>(it.FilterClustersAsync(Any<bool?>(), Any<bool?>()));
            Take<Task<ClusterPage>>(it.FilterClustersAsync(hidden: Any<bool?>(), provisional: Any<bool?>(), sort: Any<string>(), before: Any<ClusterPage>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<BackupStatus>>(it.GetBackupAsync());
            Take<Task<BackupStatus>>(it.GetBackupAsync(cancellationToken: Any<CancellationToken>()));
            Take<Task<ClusterDetails>>(it.GetClusterAsync(Any<Guid>()));
            Take<Task<ClusterDetails>>(it.GetClusterAsync(clusterId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<Thumbnail>>(it.GetClusterThumbnailAsync(Any<Guid>()));
            Take<Task<Thumbnail>>(it.GetClusterThumbnailAsync(clusterId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<FaceAnswer>>(it.GetFaceAsync(Any<Guid>()));
            Take<Task<FaceAnswer>>(it.GetFaceAsync(faceId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<Thumbnail>>(it.GetFaceThumbnailAsync(Any<Guid>()));
            Take<Task<Thumbnail>>(it.GetFaceThumbnailAsync(faceId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<FileAnswer>>(it.GetFileAsync(Any<string>()));
            Take<Task<FileAnswer>>(it.GetFileAsync(fileId: Any<string>(), details: Any<bool>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<Health>>(it.GetHealthAsync());
            Take<Task<Health>>(it.GetHealthAsync(cancellationToken: Any<CancellationToken>()));
            Take<Task<PhotoPicture>>(it.GetPictureAsync(Any<string>()));
            Take<Task<PhotoPicture>>(it.GetPictureAsync(fileId: Any<string>(), longest: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ReadingAnswer>>(it.GetReadingAsync(Any<string>()));
            Take<Task<ReadingAnswer>>(it.GetReadingAsync(fileId: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ReplayStatus>>(it.GetReplayAsync(Any<string>()));
            Take<Task<ReplayStatus>>(it.GetReplayAsync(slot: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ShadowReport>>(it.GetShadowAsync(Any<string>()));
            Take<Task<ShadowReport>>(it.GetShadowAsync(slot: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<VerificationStatus>>(it.GetVerificationAsync());
            Take<Task<VerificationStatus>>(it.GetVerificationAsync(cancellationToken: Any<CancellationToken>()));
            Take<Task<ClusterAnswer>>(it.HideClusterAsync(Any<Guid>()));
            Take<Task<ClusterAnswer>>(it.HideClusterAsync(clusterId: Any<Guid>(), hidden: Any<bool>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<IdentifyAnswer>>(it.IdentifyAsync(Any<string>()));
            Take<Task<IdentifyAnswer>>(it.IdentifyAsync(imageUrl: Any<string>(), people: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<IdentifyAnswer>>(it.IdentifyAsync(Any<byte[]>()));
            Take<Task<IdentifyAnswer>>(it.IdentifyAsync(photo: Any<byte[]>(), people: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<AuditPage>>(it.ListAuditEntriesAsync());
            Take<Task<AuditPage>>(it.ListAuditEntriesAsync(after: Any<long?>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ChangesPage>>(it.ListChangesAsync());
            Take<Task<ChangesPage>>(it.ListChangesAsync(after: Any<long?>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ClusterPage>>(it.ListClustersAsync());
            Take<Task<ClusterPage>>(it.ListClustersAsync(after: Any<Guid?>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ClusterPage>>(it.ListClustersByAsync(Any<string>()));
            Take<Task<ClusterPage>>(it.ListClustersByAsync(sort: Any<string>(), before: Any<ClusterPage>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<HistoryAnswer>>(it.ListCorrectionsAsync(Any<Guid>()));
            Take<Task<HistoryAnswer>>(it.ListCorrectionsAsync(clusterId: Any<Guid>(), before: Any<long?>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<FacePage>>(it.ListFacesAsync(Any<Guid>()));
            Take<Task<FacePage>>(it.ListFacesAsync(clusterId: Any<Guid>(), after: Any<long?>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<FacePage>>(it.ListFacesByFitAsync(Any<Guid>()));
            Take<Task<FacePage>>(it.ListFacesByFitAsync(clusterId: Any<Guid>(), after: Any<long?>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<FailureList>>(it.ListFailuresAsync());
            Take<Task<FailureList>>(it.ListFailuresAsync(limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<FilesPage>>(it.ListFilesAsync());
            Take<Task<FilesPage>>(it.ListFilesAsync(tag: Any<string>(), clusterId: Any<Guid?>(), before: Any<long?>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<JobList>>(it.ListJobsAsync());
            Take<Task<JobList>>(it.ListJobsAsync(cancellationToken: Any<CancellationToken>()));
            Take<Task<PairPage>>(it.ListPairsAsync());
            Take<Task<PairPage>>(it.ListPairsAsync(unsure: Any<bool>(), after: Any<string>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<IList<SlotReport>>>(it.ListPluginsAsync());
            Take<Task<IList<SlotReport>>>(it.ListPluginsAsync(cancellationToken: Any<CancellationToken>()));
            Take<Task<SimilarClusterPage>>(it.ListSimilarClustersAsync(Any<Guid>()));
            Take<Task<SimilarClusterPage>>(it.ListSimilarClustersAsync(clusterId: Any<Guid>(), after: Any<string>(), limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<TagList>>(it.ListTagsAsync());
            Take<Task<TagList>>(it.ListTagsAsync(limit: Any<int?>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<UnsureAnswer>>(it.MarkClustersUnsureAsync(Any<Guid>(), Any<Guid>()));
            Take<Task<UnsureAnswer>>(it.MarkClustersUnsureAsync(clusterId: Any<Guid>(), otherClusterId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<MergeAnswer>>(it.MergeClustersAsync(Any<IEnumerable<Guid>>(), Any<Guid>()));
            Take<Task<MergeAnswer>>(it.MergeClustersAsync(sources: Any<IEnumerable<Guid>>(), target: Any<Guid>(), idempotencyKey: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<MoveAnswer>>(it.MoveFaceAsync(Any<Guid>(), Any<Guid?>()));
            Take<Task<MoveAnswer>>(it.MoveFaceAsync(faceId: Any<Guid>(), clusterId: Any<Guid?>(), idempotencyKey: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ProcessAnswer>>(it.ProcessAsync(Any<string>(), Any<string>()));
            Take<Task<ProcessAnswer>>(it.ProcessAsync(fileId: Any<string>(), imageUrl: Any<string>(), details: Any<bool>(), idempotencyKey: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<BatchReader>>(it.ProcessBatchAsync(Any<IEnumerable<ProcessRequest>>()));
            Take<Task<BatchReader>>(it.ProcessBatchAsync(photos: Any<IEnumerable<ProcessRequest>>(), details: Any<bool>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ProcessAnswer>>(it.ProcessUploadAsync(Any<string>(), Any<byte[]>()));
            Take<Task<ProcessAnswer>>(it.ProcessUploadAsync(fileId: Any<string>(), photo: Any<byte[]>(), details: Any<bool>(), idempotencyKey: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<RejectAnswer>>(it.RejectFaceAsync(Any<Guid>()));
            Take<Task<RejectAnswer>>(it.RejectFaceAsync(faceId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ProcessAnswer>>(it.ReprocessAsync(Any<string>()));
            Take<Task<ProcessAnswer>>(it.ReprocessAsync(fileId: Any<string>(), details: Any<bool>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<Change>>(it.RollBackPluginAsync(Any<string>()));
            Take<Task<Change>>(it.RollBackPluginAsync(slot: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<RepresentAnswer>>(it.SetRepresentativeAsync(Any<Guid>(), Any<Guid>()));
            Take<Task<RepresentAnswer>>(it.SetRepresentativeAsync(clusterId: Any<Guid>(), faceId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<SplitAnswer>>(it.SplitClusterAsync(Any<Guid>(), Any<IEnumerable<Guid>>()));
            Take<Task<SplitAnswer>>(it.SplitClusterAsync(clusterId: Any<Guid>(), faces: Any<IEnumerable<Guid>>(), idempotencyKey: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<BackupStatus>>(it.StartBackupAsync());
            Take<Task<BackupStatus>>(it.StartBackupAsync(cancellationToken: Any<CancellationToken>()));
            Take<Task<ReplayStatus>>(it.StartReplayAsync(Any<string>(), Any<byte[]>()));
            Take<Task<ReplayStatus>>(it.StartReplayAsync(slot: Any<string>(), component: Any<byte[]>(), apply: Any<bool>(), signature: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<ShadowReport>>(it.StartShadowAsync(Any<string>(), Any<byte[]>()));
            Take<Task<ShadowReport>>(it.StartShadowAsync(slot: Any<string>(), component: Any<byte[]>(), signature: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<VerificationStatus>>(it.StartVerificationAsync());
            Take<Task<VerificationStatus>>(it.StartVerificationAsync(cancellationToken: Any<CancellationToken>()));
            Take<Task<Change>>(it.SwapPluginAsync(Any<string>(), Any<byte[]>()));
            Take<Task<Change>>(it.SwapPluginAsync(slot: Any<string>(), component: Any<byte[]>(), signature: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<Change>>(it.SwapPluginUntriedAsync(Any<string>(), Any<byte[]>()));
            Take<Task<Change>>(it.SwapPluginUntriedAsync(slot: Any<string>(), component: Any<byte[]>(), signature: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<UndoAnswer>>(it.UndoCorrectionAsync(Any<Guid>(), Any<long>()));
            Take<Task<UndoAnswer>>(it.UndoCorrectionAsync(clusterId: Any<Guid>(), position: Any<long>(), idempotencyKey: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<UnmergeAnswer>>(it.UnmergeClusterAsync(Any<Guid>()));
            Take<Task<UnmergeAnswer>>(it.UnmergeClusterAsync(clusterId: Any<Guid>(), idempotencyKey: Any<string>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<WhoamiAnswer>>(it.WhoAmIAsync());
            Take<Task<WhoamiAnswer>>(it.WhoAmIAsync(cancellationToken: Any<CancellationToken>()));
            Take<Task<DistinctAnswer>>(it.WithdrawClusterDistinctionAsync(Any<Guid>(), Any<Guid>()));
            Take<Task<DistinctAnswer>>(it.WithdrawClusterDistinctionAsync(clusterId: Any<Guid>(), otherClusterId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<UnsureAnswer>>(it.WithdrawClustersUnsureAsync(Any<Guid>(), Any<Guid>()));
            Take<Task<UnsureAnswer>>(it.WithdrawClustersUnsureAsync(clusterId: Any<Guid>(), otherClusterId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<WithdrawalAnswer>>(it.WithdrawFaceDistinctionAsync(Any<Guid>(), Any<Guid>()));
            Take<Task<WithdrawalAnswer>>(it.WithdrawFaceDistinctionAsync(faceId: Any<Guid>(), otherFaceId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
            Take<Task<WithdrawalAnswer>>(it.WithdrawRejectionAsync(Any<Guid>()));
            Take<Task<WithdrawalAnswer>>(it.WithdrawRejectionAsync(faceId: Any<Guid>(), cancellationToken: Any<CancellationToken>()));
        }

        private static void AiWorkerClientOptions(AiWorkerClientOptions it)
        {
            Take(new AiWorker.Client.AiWorkerClientOptions());
            Take<string>(it.AdminKey);
            it.AdminKey = Any<string>();
            Take<string>(it.ApiKey);
            it.ApiKey = Any<string>();
            Take<TimeSpan>(it.AttemptTimeout);
            it.AttemptTimeout = Any<TimeSpan>();
            Take<Uri>(it.BaseAddress);
            it.BaseAddress = Any<Uri>();
            Take<int>(it.MaxAnswerBytes);
            it.MaxAnswerBytes = Any<int>();
            Take<int>(it.MaxAttempts);
            it.MaxAttempts = Any<int>();
            Take<TimeSpan>(it.MaxRetryDelay);
            it.MaxRetryDelay = Any<TimeSpan>();
            Take<TimeSpan>(it.RetryDelay);
            it.RetryDelay = Any<TimeSpan>();
        }

        private static void AiWorkerConflictException(AiWorkerConflictException it)
        {
            Take<AiWorkerProblemException>(it);
        }

        private static void AiWorkerConnectionException(AiWorkerConnectionException it)
        {
            Take<AiWorkerException>(it);
        }

        private static void AiWorkerException(AiWorkerException it)
        {
            Take<Exception>(it);
            Take<string>(it.RequestId);
        }

        private static void AiWorkerNotFoundException(AiWorkerNotFoundException it)
        {
            Take<AiWorkerProblemException>(it);
        }

        private static void AiWorkerPhotoException(AiWorkerPhotoException it)
        {
            Take<AiWorkerProblemException>(it);
        }

        private static void AiWorkerProblemException(AiWorkerProblemException it)
        {
            Take<AiWorkerException>(it);
            Take<string>(it.Code);
            Take<Problem>(it.Problem);
            Take<TimeSpan?>(it.RetryAfter);
            Take<HttpStatusCode>(it.Status);
        }

        private static void AiWorkerTimeoutException(AiWorkerTimeoutException it)
        {
            Take<AiWorkerException>(it);
        }

        private static void AiWorkerUnavailableException(AiWorkerUnavailableException it)
        {
            Take<AiWorkerProblemException>(it);
        }

        private static void Applied(Applied it)
        {
            Take(new AiWorker.Client.Applied());
            Take<long>(it.ChangedMeanwhile);
            it.ChangedMeanwhile = Any<long>();
            Take<long>(it.Incomplete);
            it.Incomplete = Any<long>();
            Take<long>(it.Written);
            it.Written = Any<long>();
        }

        private static void AuditEntry(AuditEntry it)
        {
            Take(new AiWorker.Client.AuditEntry());
            Take<string>(it.Address);
            it.Address = Any<string>();
            Take<string>(it.At);
            it.At = Any<string>();
            Take<IList<Guid>>(it.ClusterIds);
            it.ClusterIds = new Guid[0];
            it.ClusterIds = new List<Guid>();
            Take<string>(it.Digest);
            it.Digest = Any<string>();
            Take<bool>(it.Erased);
            it.Erased = Any<bool>();
            Take<string>(it.Event);
            it.Event = Any<string>();
            Take<IList<Guid>>(it.FaceIds);
            it.FaceIds = new Guid[0];
            it.FaceIds = new List<Guid>();
            Take<string>(it.Key);
            it.Key = Any<string>();
            Take<string>(it.Origin);
            it.Origin = Any<string>();
            Take<long>(it.Position);
            it.Position = Any<long>();
            Take<string>(it.Reason);
            it.Reason = Any<string>();
            Take<string>(it.Slot);
            it.Slot = Any<string>();
        }

        private static void AuditEvents()
        {
            Take<string>(AiWorker.Client.AuditEvents.Swapped);
            Take<string>(AiWorker.Client.AuditEvents.RolledBack);
            Take<string>(AiWorker.Client.AuditEvents.CircuitBroken);
            Take<string>(AiWorker.Client.AuditEvents.Refused);
            Take<string>(AiWorker.Client.AuditEvents.SwapAbandoned);
            Take<string>(AiWorker.Client.AuditEvents.Merged);
            Take<string>(AiWorker.Client.AuditEvents.Unmerged);
            Take<string>(AiWorker.Client.AuditEvents.Split);
            Take<string>(AiWorker.Client.AuditEvents.FaceMoved);
            Take<string>(AiWorker.Client.AuditEvents.ClustersDistinguished);
            Take<string>(AiWorker.Client.AuditEvents.ClusterDistinctionWithdrawn);
            Take<string>(AiWorker.Client.AuditEvents.FacesDistinguished);
            Take<string>(AiWorker.Client.AuditEvents.FaceDistinctionWithdrawn);
            Take<string>(AiWorker.Client.AuditEvents.MarkedUnsure);
            Take<string>(AiWorker.Client.AuditEvents.UnsureWithdrawn);
            Take<string>(AiWorker.Client.AuditEvents.PersonHidden);
            Take<string>(AiWorker.Client.AuditEvents.PersonShown);
            Take<string>(AiWorker.Client.AuditEvents.RepresentativeChosen);
            Take<string>(AiWorker.Client.AuditEvents.FaceRejected);
            Take<string>(AiWorker.Client.AuditEvents.FaceRejectionWithdrawn);
            Take<string>(AiWorker.Client.AuditEvents.CorrectionUndone);
            Take<string>(AiWorker.Client.AuditEvents.PersonDeleted);
            Take<string>(AiWorker.Client.AuditEvents.PhotoDeleted);
            Take<string>(AiWorker.Client.AuditEvents.Identified);
            Take<string>(AiWorker.Client.AuditEvents.Compared);
            Take<string>(AiWorker.Client.AuditEvents.EntriesExpired);
            Take<string>(AiWorker.Client.AuditEvents.Unreadable);
        }

        private static void AuditPage(AuditPage it)
        {
            Take(new AiWorker.Client.AuditPage());
            Take<IList<AuditEntry>>(it.Entries);
            it.Entries = new AuditEntry[0];
            it.Entries = new List<AuditEntry>();
            Take<long>(it.Latest);
            it.Latest = Any<long>();
            Take<long>(it.Next);
            it.Next = Any<long>();
        }

        private static void BackupReport(BackupReport it)
        {
            Take(new AiWorker.Client.BackupReport());
            Take<long>(it.Bytes);
            it.Bytes = Any<long>();
            Take<long>(it.Clusters);
            it.Clusters = Any<long>();
            Take<long>(it.DurationMs);
            it.DurationMs = Any<long>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
            Take<string>(it.MadeAt);
            it.MadeAt = Any<string>();
            Take<string>(it.Name);
            it.Name = Any<string>();
            Take<long>(it.Photos);
            it.Photos = Any<long>();
        }

        private static void BackupStatus(BackupStatus it)
        {
            Take(new AiWorker.Client.BackupStatus());
            Take<string>(it.Error);
            it.Error = Any<string>();
            Take<BackupReport>(it.Report);
            it.Report = Any<BackupReport>();
            Take<string>(it.Started);
            it.Started = Any<string>();
        }

        private static void BatchReader(BatchReader it)
        {
            Take<IDisposable>(it);
            Take<string>(it.RequestId);
            it.Dispose();
            Take<Task<BatchResult>>(it.ReadAsync());
            Take<Task<BatchResult>>(it.ReadAsync(cancellationToken: Any<CancellationToken>()));
        }

        private static void BatchResult(BatchResult it)
        {
            Take<ProcessAnswer>(it.Answer);
            Take<string>(it.FileId);
            Take<long>(it.Index);
            Take<AiWorkerProblemException>(it.Problem);
        }

        private static void BestPair(BestPair it)
        {
            Take(new AiWorker.Client.BestPair());
            Take<long>(it.First);
            it.First = Any<long>();
            Take<bool>(it.Same);
            it.Same = Any<bool>();
            Take<long>(it.Second);
            it.Second = Any<long>();
            Take<double>(it.Similarity);
            it.Similarity = Any<double>();
        }

        private static void CallReport(CallReport it)
        {
            Take(new AiWorker.Client.CallReport());
            Take<double>(it.BusyMs);
            it.BusyMs = Any<double>();
            Take<long>(it.Calls);
            it.Calls = Any<long>();
            Take<long>(it.Failures);
            it.Failures = Any<long>();
            Take<int?>(it.P50Us);
            it.P50Us = Any<int?>();
            Take<int?>(it.P99Us);
            it.P99Us = Any<int?>();
        }

        private static void Change(Change it)
        {
            Take(new AiWorker.Client.Change());
            Take<PluginIdentity>(it.Active);
            it.Active = Any<PluginIdentity>();
            Take<bool>(it.Changed);
            it.Changed = Any<bool>();
            Take<PluginIdentity>(it.Previous);
            it.Previous = Any<PluginIdentity>();
            Take<string>(it.Slot);
            it.Slot = Any<string>();
            Take<TrialReport>(it.Trial);
            it.Trial = Any<TrialReport>();
        }

        private static void ChangeKinds()
        {
            Take<string>(AiWorker.Client.ChangeKinds.Face);
            Take<string>(AiWorker.Client.ChangeKinds.Merged);
            Take<string>(AiWorker.Client.ChangeKinds.Unmerged);
            Take<string>(AiWorker.Client.ChangeKinds.Split);
            Take<string>(AiWorker.Client.ChangeKinds.Deleted);
        }

        private static void ChangesPage(ChangesPage it)
        {
            Take(new AiWorker.Client.ChangesPage());
            Take<IList<PeopleChange>>(it.Changes);
            it.Changes = new PeopleChange[0];
            it.Changes = new List<PeopleChange>();
            Take<long>(it.Latest);
            it.Latest = Any<long>();
            Take<long>(it.Next);
            it.Next = Any<long>();
        }

        private static void ClusterAnswer(ClusterAnswer it)
        {
            Take(new AiWorker.Client.ClusterAnswer());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
            Take<bool>(it.Hidden);
            it.Hidden = Any<bool>();
            Take<bool>(it.Provisional);
            it.Provisional = Any<bool>();
            Take<Guid>(it.RepresentativeFaceId);
            it.RepresentativeFaceId = Any<Guid>();
            Take<string>(it.Thumbnail);
            it.Thumbnail = Any<string>();
        }

        private static void ClusterDetails(ClusterDetails it)
        {
            Take(new AiWorker.Client.ClusterDetails());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<IList<Guid>>(it.DistinctClusterIds);
            it.DistinctClusterIds = new Guid[0];
            it.DistinctClusterIds = new List<Guid>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
            Take<bool>(it.Hidden);
            it.Hidden = Any<bool>();
            Take<IList<Guid>>(it.MergedClusterIds);
            it.MergedClusterIds = new Guid[0];
            it.MergedClusterIds = new List<Guid>();
            Take<bool>(it.Provisional);
            it.Provisional = Any<bool>();
            Take<Guid>(it.RepresentativeFaceId);
            it.RepresentativeFaceId = Any<Guid>();
            Take<string>(it.Thumbnail);
            it.Thumbnail = Any<string>();
        }

        private static void ClusterFace(ClusterFace it)
        {
            Take(new AiWorker.Client.ClusterFace());
            Take<IList<int>>(it.BoundingBox);
            it.BoundingBox = new int[0];
            it.BoundingBox = new List<int>();
            Take<double>(it.Confidence);
            it.Confidence = Any<double>();
            Take<bool>(it.Corrected);
            it.Corrected = Any<bool>();
            Take<Guid>(it.FaceId);
            it.FaceId = Any<Guid>();
            Take<string>(it.FileId);
            it.FileId = Any<string>();
            Take<double>(it.Quality);
            it.Quality = Any<double>();
            Take<double?>(it.Similarity);
            it.Similarity = Any<double?>();
        }

        private static void ClusterFaces(ClusterFaces it)
        {
            Take(new AiWorker.Client.ClusterFaces());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
        }

        private static void ClusterMerge(ClusterMerge it)
        {
            Take(new AiWorker.Client.ClusterMerge());
            Take<IList<ClusterFaces>>(it.Clusters);
            it.Clusters = new ClusterFaces[0];
            it.Clusters = new List<ClusterFaces>();
            Take<long>(it.ClustersFound);
            it.ClustersFound = Any<long>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
        }

        private static void ClusterPage(ClusterPage it)
        {
            Take(new AiWorker.Client.ClusterPage());
            Take<IList<ClusterAnswer>>(it.Clusters);
            it.Clusters = new ClusterAnswer[0];
            it.Clusters = new List<ClusterAnswer>();
            Take<Guid?>(it.Next);
            it.Next = Any<Guid?>();
            Take<long?>(it.NextKey);
            it.NextKey = Any<long?>();
        }

        private static void ClusterSorts()
        {
            Take<string>(AiWorker.Client.ClusterSorts.Id);
            Take<string>(AiWorker.Client.ClusterSorts.Faces);
            Take<string>(AiWorker.Client.ClusterSorts.Latest);
        }

        private static void ClusterSplit(ClusterSplit it)
        {
            Take(new AiWorker.Client.ClusterSplit());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<IList<long>>(it.Parts);
            it.Parts = new long[0];
            it.Parts = new List<long>();
            Take<long>(it.PartsFound);
            it.PartsFound = Any<long>();
        }

        private static void CompareAnswer(CompareAnswer it)
        {
            Take(new AiWorker.Client.CompareAnswer());
            Take<BestPair>(it.Best);
            it.Best = Any<BestPair>();
            Take<ComparedPhoto>(it.First);
            it.First = Any<ComparedPhoto>();
            Take<ComparedPhoto>(it.Second);
            it.Second = Any<ComparedPhoto>();
            Take<IList<IList<double>>>(it.Similarities);
            it.Similarities = new IList<double>[0];
            it.Similarities = new List<IList<double>>();
            Take<double>(it.Threshold);
            it.Threshold = Any<double>();
        }

        private static void ComparedFace(ComparedFace it)
        {
            Take(new AiWorker.Client.ComparedFace());
            Take<IList<int>>(it.BoundingBox);
            it.BoundingBox = new int[0];
            it.BoundingBox = new List<int>();
            Take<double>(it.Confidence);
            it.Confidence = Any<double>();
            Take<double>(it.Quality);
            it.Quality = Any<double>();
        }

        private static void ComparedPhoto(ComparedPhoto it)
        {
            Take(new AiWorker.Client.ComparedPhoto());
            Take<IList<ComparedFace>>(it.Faces);
            it.Faces = new ComparedFace[0];
            it.Faces = new List<ComparedFace>();
            Take<int>(it.Height);
            it.Height = Any<int>();
            Take<int>(it.Width);
            it.Width = Any<int>();
        }

        private static void ConsolidationAnswer(ConsolidationAnswer it)
        {
            Take(new AiWorker.Client.ConsolidationAnswer());
            Take<long>(it.Clusters);
            it.Clusters = Any<long>();
            Take<bool>(it.DryRun);
            it.DryRun = Any<bool>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
            Take<IList<MergeReport>>(it.Merges);
            it.Merges = new MergeReport[0];
            it.Merges = new List<MergeReport>();
            Take<Guid?>(it.Next);
            it.Next = Any<Guid?>();
        }

        private static void ContextChange(ContextChange it)
        {
            Take(new AiWorker.Client.ContextChange());
            Take<string>(it.After);
            it.After = Any<string>();
            Take<string>(it.Before);
            it.Before = Any<string>();
        }

        private static void CorrectionEntry(CorrectionEntry it)
        {
            Take(new AiWorker.Client.CorrectionEntry());
            Take<long>(it.At);
            it.At = Any<long>();
            Take<IList<Guid>>(it.ClusterIds);
            it.ClusterIds = new Guid[0];
            it.ClusterIds = new List<Guid>();
            Take<IList<Guid>>(it.FaceIds);
            it.FaceIds = new Guid[0];
            it.FaceIds = new List<Guid>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
            Take<string>(it.Key);
            it.Key = Any<string>();
            Take<string>(it.Kind);
            it.Kind = Any<string>();
            Take<long>(it.Position);
            it.Position = Any<long>();
            Take<bool>(it.Undoable);
            it.Undoable = Any<bool>();
            Take<long?>(it.Undoes);
            it.Undoes = Any<long?>();
            Take<bool>(it.Undone);
            it.Undone = Any<bool>();
            Take<string>(it.WhyNot);
            it.WhyNot = Any<string>();
        }

        private static void CorrectionKinds()
        {
            Take<string>(AiWorker.Client.CorrectionKinds.Merged);
            Take<string>(AiWorker.Client.CorrectionKinds.Unmerged);
            Take<string>(AiWorker.Client.CorrectionKinds.Split);
            Take<string>(AiWorker.Client.CorrectionKinds.FaceMoved);
            Take<string>(AiWorker.Client.CorrectionKinds.RepresentativeChosen);
            Take<string>(AiWorker.Client.CorrectionKinds.ClustersDistinguished);
            Take<string>(AiWorker.Client.CorrectionKinds.ClusterDistinctionWithdrawn);
            Take<string>(AiWorker.Client.CorrectionKinds.FacesDistinguished);
            Take<string>(AiWorker.Client.CorrectionKinds.FaceDistinctionWithdrawn);
            Take<string>(AiWorker.Client.CorrectionKinds.FaceRejected);
            Take<string>(AiWorker.Client.CorrectionKinds.FaceRejectionWithdrawn);
            Take<string>(AiWorker.Client.CorrectionKinds.Hidden);
            Take<string>(AiWorker.Client.CorrectionKinds.Shown);
            Take<string>(AiWorker.Client.CorrectionKinds.MarkedUnsure);
            Take<string>(AiWorker.Client.CorrectionKinds.UnsureWithdrawn);
            Take<string>(AiWorker.Client.CorrectionKinds.Consolidated);
        }

        private static void Deciders()
        {
            Take<string>(AiWorker.Client.Deciders.Policy);
            Take<string>(AiWorker.Client.Deciders.Consolidation);
            Take<string>(AiWorker.Client.Deciders.Person);
            Take<string>(AiWorker.Client.Deciders.Unmerge);
        }

        private static void DeletedFaces(DeletedFaces it)
        {
            Take(new AiWorker.Client.DeletedFaces());
            Take<long>(it.Count);
            it.Count = Any<long>();
        }

        private static void DescribedFace(DescribedFace it)
        {
            Take(new AiWorker.Client.DescribedFace());
            Take<double?>(it.Age);
            it.Age = Any<double?>();
            Take<IList<int>>(it.BoundingBox);
            it.BoundingBox = new int[0];
            it.BoundingBox = new List<int>();
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<double>(it.Confidence);
            it.Confidence = Any<double>();
            Take<Guid>(it.FaceId);
            it.FaceId = Any<Guid>();
            Take<string>(it.Gender);
            it.Gender = Any<string>();
            Take<bool>(it.IsNewCluster);
            it.IsNewCluster = Any<bool>();
            Take<double>(it.Quality);
            it.Quality = Any<double>();
        }

        private static void Details(Details it)
        {
            Take(new AiWorker.Client.Details());
            Take<string>(it.Caption);
            it.Caption = Any<string>();
            Take<IList<string>>(it.ClusterReasons);
            it.ClusterReasons = new string[0];
            it.ClusterReasons = new List<string>();
            Take<double>(it.ContextConfidence);
            it.ContextConfidence = Any<double>();
            Take<string>(it.ContextReason);
            it.ContextReason = Any<string>();
            Take<int>(it.DetectorLooks);
            it.DetectorLooks = Any<int>();
            Take<int>(it.Height);
            it.Height = Any<int>();
            Take<double?>(it.Indoor);
            it.Indoor = Any<double?>();
            Take<IList<Label>>(it.Labels);
            it.Labels = new Label[0];
            it.Labels = new List<Label>();
            Take<string>(it.ModelSet);
            it.ModelSet = Any<string>();
            Take<IList<SceneObject>>(it.Objects);
            it.Objects = new SceneObject[0];
            it.Objects = new List<SceneObject>();
            Take<PluginIdentities>(it.Plugins);
            it.Plugins = Any<PluginIdentities>();
            Take<IList<ScoredTag>>(it.ScoredTags);
            it.ScoredTags = new ScoredTag[0];
            it.ScoredTags = new List<ScoredTag>();
            Take<IList<TextLine>>(it.Text);
            it.Text = new TextLine[0];
            it.Text = new List<TextLine>();
            Take<StageTimings>(it.TimingsMs);
            it.TimingsMs = Any<StageTimings>();
            Take<int>(it.Width);
            it.Width = Any<int>();
        }

        private static void DeviceReport(DeviceReport it)
        {
            Take(new AiWorker.Client.DeviceReport());
            Take<IList<RejectedDevice>>(it.Rejected);
            it.Rejected = new RejectedDevice[0];
            it.Rejected = new List<RejectedDevice>();
            Take<string>(it.Selected);
            it.Selected = Any<string>();
        }

        private static void Difference(Difference it)
        {
            Take(new AiWorker.Client.Difference());
            Take<string>(it.Active);
            it.Active = Any<string>();
            Take<string>(it.Candidate);
            it.Candidate = Any<string>();
        }

        private static void DistinctAnswer(DistinctAnswer it)
        {
            Take(new AiWorker.Client.DistinctAnswer());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<IList<Guid>>(it.DistinctClusterIds);
            it.DistinctClusterIds = new Guid[0];
            it.DistinctClusterIds = new List<Guid>();
        }

        private static void Evidence(Evidence it)
        {
            Take(new AiWorker.Client.Evidence());
            Take<bool>(it.Caption);
            it.Caption = Any<bool>();
            Take<bool>(it.Demographics);
            it.Demographics = Any<bool>();
            Take<bool>(it.Labels);
            it.Labels = Any<bool>();
            Take<bool>(it.Objects);
            it.Objects = Any<bool>();
            Take<bool>(it.Pixels);
            it.Pixels = Any<bool>();
            Take<bool>(it.Similarities);
            it.Similarities = Any<bool>();
            Take<bool>(it.Surroundings);
            it.Surroundings = Any<bool>();
            Take<bool>(it.Text);
            it.Text = Any<bool>();
            Take<bool>(it.TextSimilarities);
            it.TextSimilarities = Any<bool>();
        }

        private static void Explanation(Explanation it)
        {
            Take(new AiWorker.Client.Explanation());
            Take<long>(it.At);
            it.At = Any<long>();
            Take<string>(it.DecidedBy);
            it.DecidedBy = Any<string>();
            Take<string>(it.EmbeddingModel);
            it.EmbeddingModel = Any<string>();
            Take<IList<Neighbour>>(it.Neighbours);
            it.Neighbours = new Neighbour[0];
            it.Neighbours = new List<Neighbour>();
            Take<string>(it.Policy);
            it.Policy = Any<string>();
            Take<string>(it.Reason);
            it.Reason = Any<string>();
            Take<double>(it.Threshold);
            it.Threshold = Any<double>();
        }

        private static void FaceAnswer(FaceAnswer it)
        {
            Take(new AiWorker.Client.FaceAnswer());
            Take<IList<int>>(it.BoundingBox);
            it.BoundingBox = new int[0];
            it.BoundingBox = new List<int>();
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<double>(it.Confidence);
            it.Confidence = Any<double>();
            Take<bool>(it.Corrected);
            it.Corrected = Any<bool>();
            Take<Explanation>(it.Decision);
            it.Decision = Any<Explanation>();
            Take<Guid>(it.FaceId);
            it.FaceId = Any<Guid>();
            Take<string>(it.FileId);
            it.FileId = Any<string>();
            Take<double>(it.Quality);
            it.Quality = Any<double>();
        }

        private static void FacePage(FacePage it)
        {
            Take(new AiWorker.Client.FacePage());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<IList<ClusterFace>>(it.Faces);
            it.Faces = new ClusterFace[0];
            it.Faces = new List<ClusterFace>();
            Take<long?>(it.Next);
            it.Next = Any<long?>();
        }

        private static void Failure(Failure it)
        {
            Take(new AiWorker.Client.Failure());
            Take<string>(it.Error);
            it.Error = Any<string>();
            Take<string>(it.FileId);
            it.FileId = Any<string>();
        }

        private static void FailureKinds()
        {
            Take<string>(AiWorker.Client.FailureKinds.Photo);
            Take<string>(AiWorker.Client.FailureKinds.Plugin);
            Take<string>(AiWorker.Client.FailureKinds.Job);
        }

        private static void FailureList(FailureList it)
        {
            Take(new AiWorker.Client.FailureList());
            Take<IList<FailureReport>>(it.Failures);
            it.Failures = new FailureReport[0];
            it.Failures = new List<FailureReport>();
        }

        private static void FailureReport(FailureReport it)
        {
            Take(new AiWorker.Client.FailureReport());
            Take<long>(it.At);
            it.At = Any<long>();
            Take<string>(it.Code);
            it.Code = Any<string>();
            Take<string>(it.Detail);
            it.Detail = Any<string>();
            Take<string>(it.FileId);
            it.FileId = Any<string>();
            Take<string>(it.Kind);
            it.Kind = Any<string>();
            Take<string>(it.RequestId);
            it.RequestId = Any<string>();
            Take<string>(it.Slot);
            it.Slot = Any<string>();
        }

        private static void FileAnswer(FileAnswer it)
        {
            Take(new AiWorker.Client.FileAnswer());
            Take<string>(it.Context);
            it.Context = Any<string>();
            Take<FileDetails>(it.Details);
            it.Details = Any<FileDetails>();
            Take<IList<FileFace>>(it.Faces);
            it.Faces = new FileFace[0];
            it.Faces = new List<FileFace>();
            Take<string>(it.FileId);
            it.FileId = Any<string>();
            Take<bool>(it.HasUrl);
            it.HasUrl = Any<bool>();
            Take<IList<string>>(it.Tags);
            it.Tags = new string[0];
            it.Tags = new List<string>();
        }

        private static void FileDetails(FileDetails it)
        {
            Take(new AiWorker.Client.FileDetails());
            Take<string>(it.ModelSet);
            it.ModelSet = Any<string>();
            Take<PluginDigests>(it.Plugins);
            it.Plugins = Any<PluginDigests>();
            Take<Scene>(it.Scene);
            it.Scene = Any<Scene>();
            Take<IList<ScoredTag>>(it.ScoredTags);
            it.ScoredTags = new ScoredTag[0];
            it.ScoredTags = new List<ScoredTag>();
        }

        private static void FileFace(FileFace it)
        {
            Take(new AiWorker.Client.FileFace());
            Take<double?>(it.Age);
            it.Age = Any<double?>();
            Take<IList<int>>(it.BoundingBox);
            it.BoundingBox = new int[0];
            it.BoundingBox = new List<int>();
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<double>(it.Confidence);
            it.Confidence = Any<double>();
            Take<Guid>(it.FaceId);
            it.FaceId = Any<Guid>();
            Take<string>(it.Gender);
            it.Gender = Any<string>();
            Take<double>(it.Quality);
            it.Quality = Any<double>();
        }

        private static void FilesPage(FilesPage it)
        {
            Take(new AiWorker.Client.FilesPage());
            Take<IList<ListedFile>>(it.Files);
            it.Files = new ListedFile[0];
            it.Files = new List<ListedFile>();
            Take<long?>(it.Next);
            it.Next = Any<long?>();
        }

        private static void Genders()
        {
            Take<string>(AiWorker.Client.Genders.Female);
            Take<string>(AiWorker.Client.Genders.Male);
        }

        private static void Health(Health it)
        {
            Take(new AiWorker.Client.Health());
            Take<DeviceReport>(it.Device);
            it.Device = Any<DeviceReport>();
            Take<Evidence>(it.Evidence);
            it.Evidence = Any<Evidence>();
            Take<string>(it.ModelSet);
            it.ModelSet = Any<string>();
            Take<IList<ModelStatus>>(it.Models);
            it.Models = new ModelStatus[0];
            it.Models = new List<ModelStatus>();
            Take<PluginIdentities>(it.Plugins);
            it.Plugins = Any<PluginIdentities>();
            Take<string>(it.Status);
            it.Status = Any<string>();
            Take<IList<string>>(it.TagsOutOfReach);
            it.TagsOutOfReach = new string[0];
            it.TagsOutOfReach = new List<string>();
            Take<StoreHealth>(it.VectorStore);
            it.VectorStore = Any<StoreHealth>();
            Take<string>(it.Version);
            it.Version = Any<string>();
        }

        private static void HistoryAnswer(HistoryAnswer it)
        {
            Take(new AiWorker.Client.HistoryAnswer());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<IList<CorrectionEntry>>(it.Entries);
            it.Entries = new CorrectionEntry[0];
            it.Entries = new List<CorrectionEntry>();
            Take<long?>(it.Next);
            it.Next = Any<long?>();
        }

        private static void IdentifyAnswer(IdentifyAnswer it)
        {
            Take(new AiWorker.Client.IdentifyAnswer());
            Take<string>(it.Context);
            it.Context = Any<string>();
            Take<IList<string>>(it.Degraded);
            it.Degraded = new string[0];
            it.Degraded = new List<string>();
            Take<Details>(it.Details);
            it.Details = Any<Details>();
            Take<IList<IdentifyFace>>(it.Faces);
            it.Faces = new IdentifyFace[0];
            it.Faces = new List<IdentifyFace>();
            Take<int>(it.Height);
            it.Height = Any<int>();
            Take<IList<string>>(it.Tags);
            it.Tags = new string[0];
            it.Tags = new List<string>();
            Take<int>(it.Width);
            it.Width = Any<int>();
        }

        private static void IdentifyCandidate(IdentifyCandidate it)
        {
            Take(new AiWorker.Client.IdentifyCandidate());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
            Take<Guid>(it.RepresentativeFaceId);
            it.RepresentativeFaceId = Any<Guid>();
            Take<double>(it.Similarity);
            it.Similarity = Any<double>();
            Take<string>(it.Thumbnail);
            it.Thumbnail = Any<string>();
        }

        private static void IdentifyFace(IdentifyFace it)
        {
            Take(new AiWorker.Client.IdentifyFace());
            Take<double?>(it.Age);
            it.Age = Any<double?>();
            Take<IList<int>>(it.BoundingBox);
            it.BoundingBox = new int[0];
            it.BoundingBox = new List<int>();
            Take<Guid?>(it.ClusterId);
            it.ClusterId = Any<Guid?>();
            Take<double>(it.Confidence);
            it.Confidence = Any<double>();
            Take<string>(it.Gender);
            it.Gender = Any<string>();
            Take<IList<IdentifyCandidate>>(it.People);
            it.People = new IdentifyCandidate[0];
            it.People = new List<IdentifyCandidate>();
            Take<double>(it.Quality);
            it.Quality = Any<double>();
            Take<string>(it.Reason);
            it.Reason = Any<string>();
        }

        private static void Integrity(Integrity it)
        {
            Take(new AiWorker.Client.Integrity());
            Take<long>(it.Clusters);
            it.Clusters = Any<long>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
            Take<IList<string>>(it.Faults);
            it.Faults = new string[0];
            it.Faults = new List<string>();
            Take<long>(it.Photos);
            it.Photos = Any<long>();
        }

        private static void JobKinds()
        {
            Take<string>(AiWorker.Client.JobKinds.Batch);
            Take<string>(AiWorker.Client.JobKinds.Replay);
            Take<string>(AiWorker.Client.JobKinds.Consolidation);
            Take<string>(AiWorker.Client.JobKinds.Backup);
            Take<string>(AiWorker.Client.JobKinds.Verification);
        }

        private static void JobList(JobList it)
        {
            Take(new AiWorker.Client.JobList());
            Take<IList<JobReport>>(it.Jobs);
            it.Jobs = new JobReport[0];
            it.Jobs = new List<JobReport>();
        }

        private static void JobReport(JobReport it)
        {
            Take(new AiWorker.Client.JobReport());
            Take<long?>(it.Done);
            it.Done = Any<long?>();
            Take<long?>(it.EndedAt);
            it.EndedAt = Any<long?>();
            Take<long>(it.Failures);
            it.Failures = Any<long>();
            Take<string>(it.Id);
            it.Id = Any<string>();
            Take<string>(it.Kind);
            it.Kind = Any<string>();
            Take<string>(it.Reason);
            it.Reason = Any<string>();
            Take<string>(it.Slot);
            it.Slot = Any<string>();
            Take<long>(it.StartedAt);
            it.StartedAt = Any<long>();
            Take<string>(it.State);
            it.State = Any<string>();
            Take<long?>(it.Total);
            it.Total = Any<long?>();
        }

        private static void JobStates()
        {
            Take<string>(AiWorker.Client.JobStates.Running);
            Take<string>(AiWorker.Client.JobStates.Done);
            Take<string>(AiWorker.Client.JobStates.Failed);
            Take<string>(AiWorker.Client.JobStates.Stopped);
        }

        private static void Label(Label it)
        {
            Take(new AiWorker.Client.Label());
            Take<string>(it.Name);
            it.Name = Any<string>();
            Take<double>(it.Score);
            it.Score = Any<double>();
        }

        private static void LastFailure(LastFailure it)
        {
            Take(new AiWorker.Client.LastFailure());
            Take<string>(it.At);
            it.At = Any<string>();
            Take<string>(it.Error);
            it.Error = Any<string>();
            Take<string>(it.Output);
            it.Output = Any<string>();
            Take<PluginIdentity>(it.Plugin);
            it.Plugin = Any<PluginIdentity>();
        }

        private static void ListedFile(ListedFile it)
        {
            Take(new AiWorker.Client.ListedFile());
            Take<IList<Guid>>(it.ClusterIds);
            it.ClusterIds = new Guid[0];
            it.ClusterIds = new List<Guid>();
            Take<string>(it.Context);
            it.Context = Any<string>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
            Take<string>(it.FileId);
            it.FileId = Any<string>();
            Take<bool>(it.HasUrl);
            it.HasUrl = Any<bool>();
            Take<IList<string>>(it.Tags);
            it.Tags = new string[0];
            it.Tags = new List<string>();
        }

        private static void ListedTag(ListedTag it)
        {
            Take(new AiWorker.Client.ListedTag());
            Take<string>(it.Name);
            it.Name = Any<string>();
            Take<long>(it.Photos);
            it.Photos = Any<long>();
        }

        private static void MergeAnswer(MergeAnswer it)
        {
            Take(new AiWorker.Client.MergeAnswer());
            Take<long>(it.MergedCount);
            it.MergedCount = Any<long>();
            Take<bool>(it.Success);
            it.Success = Any<bool>();
            Take<Guid>(it.TargetClusterId);
            it.TargetClusterId = Any<Guid>();
        }

        private static void MergeReport(MergeReport it)
        {
            Take(new AiWorker.Client.MergeReport());
            Take<long>(it.AskedFaces);
            it.AskedFaces = Any<long>();
            Take<long>(it.MovedFaces);
            it.MovedFaces = Any<long>();
            Take<string>(it.Reason);
            it.Reason = Any<string>();
            Take<Guid>(it.SourceClusterId);
            it.SourceClusterId = Any<Guid>();
            Take<Guid>(it.TargetClusterId);
            it.TargetClusterId = Any<Guid>();
            Take<long>(it.Votes);
            it.Votes = Any<long>();
        }

        private static void MissingEvidence(MissingEvidence it)
        {
            Take(new AiWorker.Client.MissingEvidence());
            Take<long>(it.Caption);
            it.Caption = Any<long>();
            Take<long>(it.Demographics);
            it.Demographics = Any<long>();
            Take<long>(it.Labels);
            it.Labels = Any<long>();
            Take<long>(it.Objects);
            it.Objects = Any<long>();
            Take<long>(it.Photos);
            it.Photos = Any<long>();
            Take<long>(it.Pixels);
            it.Pixels = Any<long>();
            Take<long>(it.Similarities);
            it.Similarities = Any<long>();
            Take<long>(it.Surroundings);
            it.Surroundings = Any<long>();
            Take<long>(it.Text);
            it.Text = Any<long>();
            Take<long>(it.TextSimilarities);
            it.TextSimilarities = Any<long>();
        }

        private static void ModelStatus(ModelStatus it)
        {
            Take(new AiWorker.Client.ModelStatus());
            Take<string>(it.Architecture);
            it.Architecture = Any<string>();
            Take<bool>(it.Loaded);
            it.Loaded = Any<bool>();
            Take<double?>(it.LogitScale);
            it.LogitScale = Any<double?>();
            Take<string>(it.Name);
            it.Name = Any<string>();
            Take<string>(it.Precision);
            it.Precision = Any<string>();
            Take<string>(it.Role);
            it.Role = Any<string>();
        }

        private static void MoveAnswer(MoveAnswer it)
        {
            Take(new AiWorker.Client.MoveAnswer());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<Guid>(it.FaceId);
            it.FaceId = Any<Guid>();
            Take<Guid>(it.FromClusterId);
            it.FromClusterId = Any<Guid>();
        }

        private static void Neighbour(Neighbour it)
        {
            Take(new AiWorker.Client.Neighbour());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<Guid>(it.FaceId);
            it.FaceId = Any<Guid>();
            Take<double>(it.Quality);
            it.Quality = Any<double>();
            Take<bool>(it.SamePhoto);
            it.SamePhoto = Any<bool>();
            Take<double>(it.Similarity);
            it.Similarity = Any<double>();
        }

        private static void PairAnswer(PairAnswer it)
        {
            Take(new AiWorker.Client.PairAnswer());
            Take<ClusterAnswer>(it.First);
            it.First = Any<ClusterAnswer>();
            Take<bool>(it.Proposed);
            it.Proposed = Any<bool>();
            Take<string>(it.Reason);
            it.Reason = Any<string>();
            Take<ClusterAnswer>(it.Second);
            it.Second = Any<ClusterAnswer>();
            Take<double>(it.Similarity);
            it.Similarity = Any<double>();
            Take<bool>(it.Unsure);
            it.Unsure = Any<bool>();
        }

        private static void PairPage(PairPage it)
        {
            Take(new AiWorker.Client.PairPage());
            Take<string>(it.Next);
            it.Next = Any<string>();
            Take<IList<PairAnswer>>(it.Pairs);
            it.Pairs = new PairAnswer[0];
            it.Pairs = new List<PairAnswer>();
        }

        private static void PeopleChange(PeopleChange it)
        {
            Take(new AiWorker.Client.PeopleChange());
            Take<long>(it.At);
            it.At = Any<long>();
            Take<Guid?>(it.FaceId);
            it.FaceId = Any<Guid?>();
            Take<Guid?>(it.FromClusterId);
            it.FromClusterId = Any<Guid?>();
            Take<string>(it.Kind);
            it.Kind = Any<string>();
            Take<long>(it.Position);
            it.Position = Any<long>();
            Take<Guid?>(it.ToClusterId);
            it.ToClusterId = Any<Guid?>();
        }

        private static void PhotoChange(PhotoChange it)
        {
            Take(new AiWorker.Client.PhotoChange());
            Take<ContextChange>(it.Context);
            it.Context = Any<ContextChange>();
            Take<string>(it.FileId);
            it.FileId = Any<string>();
            Take<IList<string>>(it.Gained);
            it.Gained = new string[0];
            it.Gained = new List<string>();
            Take<IList<string>>(it.Lost);
            it.Lost = new string[0];
            it.Lost = new List<string>();
        }

        private static void PhotoPicture(PhotoPicture it)
        {
            Take<IDisposable>(it);
            Take<Stream>(it.Content);
            it.Dispose();
        }

        private static void PhraseChange(PhraseChange it)
        {
            Take(new AiWorker.Client.PhraseChange());
            Take<string>(it.After);
            it.After = Any<string>();
            Take<string>(it.Before);
            it.Before = Any<string>();
            Take<IList<string>>(it.First);
            it.First = new string[0];
            it.First = new List<string>();
            Take<long>(it.Photos);
            it.Photos = Any<long>();
        }

        private static void PluginData(PluginData it)
        {
            Take(new AiWorker.Client.PluginData());
            Take<bool>(it.BuiltIn);
            it.BuiltIn = Any<bool>();
            Take<string>(it.Digest);
            it.Digest = Any<string>();
            Take<string>(it.Kind);
            it.Kind = Any<string>();
        }

        private static void PluginDigests(PluginDigests it)
        {
            Take(new AiWorker.Client.PluginDigests());
            Take<string>(it.ClusterPolicy);
            it.ClusterPolicy = Any<string>();
            Take<string>(it.ContextMapper);
            it.ContextMapper = Any<string>();
            Take<string>(it.Tagger);
            it.Tagger = Any<string>();
        }

        private static void PluginIdentities(PluginIdentities it)
        {
            Take(new AiWorker.Client.PluginIdentities());
            Take<PluginIdentity>(it.ClusterPolicy);
            it.ClusterPolicy = Any<PluginIdentity>();
            Take<PluginIdentity>(it.ContextMapper);
            it.ContextMapper = Any<PluginIdentity>();
            Take<PluginIdentity>(it.Tagger);
            it.Tagger = Any<PluginIdentity>();
        }

        private static void PluginIdentity(PluginIdentity it)
        {
            Take(new AiWorker.Client.PluginIdentity());
            Take<string>(it.Digest);
            it.Digest = Any<string>();
            Take<string>(it.Name);
            it.Name = Any<string>();
            Take<string>(it.Origin);
            it.Origin = Any<string>();
            Take<string>(it.Version);
            it.Version = Any<string>();
        }

        private static void PluginSlots()
        {
            Take<string>(AiWorker.Client.PluginSlots.Tagger);
            Take<string>(AiWorker.Client.PluginSlots.ContextMapper);
            Take<string>(AiWorker.Client.PluginSlots.ClusterPolicy);
        }

        private static void Problem(Problem it)
        {
            Take(new AiWorker.Client.Problem());
            Take<string>(it.Code);
            it.Code = Any<string>();
            Take<string>(it.Detail);
            it.Detail = Any<string>();
            Take<string>(it.Output);
            it.Output = Any<string>();
            Take<string>(it.RequestId);
            it.RequestId = Any<string>();
            Take<long?>(it.RetryAfter);
            it.RetryAfter = Any<long?>();
            Take<int>(it.Status);
            it.Status = Any<int>();
            Take<string>(it.Title);
            it.Title = Any<string>();
            Take<string>(it.Type);
            it.Type = Any<string>();
        }

        private static void ProblemCodes()
        {
            Take<string>(AiWorker.Client.ProblemCodes.MalformedRequest);
            Take<string>(AiWorker.Client.ProblemCodes.InvalidValue);
            Take<string>(AiWorker.Client.ProblemCodes.InvalidImageUrl);
            Take<string>(AiWorker.Client.ProblemCodes.InvalidSignatureHeader);
            Take<string>(AiWorker.Client.ProblemCodes.InvalidForwardedHeader);
            Take<string>(AiWorker.Client.ProblemCodes.InvalidHostHeader);
            Take<string>(AiWorker.Client.ProblemCodes.InvalidIdempotencyKey);
            Take<string>(AiWorker.Client.ProblemCodes.EmptyBatch);
            Take<string>(AiWorker.Client.ProblemCodes.EmptyMerge);
            Take<string>(AiWorker.Client.ProblemCodes.SourceIsTarget);
            Take<string>(AiWorker.Client.ProblemCodes.EmptySplit);
            Take<string>(AiWorker.Client.ProblemCodes.SameFace);
            Take<string>(AiWorker.Client.ProblemCodes.WrongApiKey);
            Take<string>(AiWorker.Client.ProblemCodes.WrongAdminKey);
            Take<string>(AiWorker.Client.ProblemCodes.AddressNotAllowed);
            Take<string>(AiWorker.Client.ProblemCodes.HostNotAllowed);
            Take<string>(AiWorker.Client.ProblemCodes.OriginNotAllowed);
            Take<string>(AiWorker.Client.ProblemCodes.NoAdminKey);
            Take<string>(AiWorker.Client.ProblemCodes.RoleNotAllowed);
            Take<string>(AiWorker.Client.ProblemCodes.UnknownCluster);
            Take<string>(AiWorker.Client.ProblemCodes.UnknownFace);
            Take<string>(AiWorker.Client.ProblemCodes.UnknownFile);
            Take<string>(AiWorker.Client.ProblemCodes.UnknownSlot);
            Take<string>(AiWorker.Client.ProblemCodes.NoShadow);
            Take<string>(AiWorker.Client.ProblemCodes.NoReplay);
            Take<string>(AiWorker.Client.ProblemCodes.NoSuchRoute);
            Take<string>(AiWorker.Client.ProblemCodes.MethodNotAllowed);
            Take<string>(AiWorker.Client.ProblemCodes.NoStoredUrl);
            Take<string>(AiWorker.Client.ProblemCodes.NothingToRollBack);
            Take<string>(AiWorker.Client.ProblemCodes.NothingToRestore);
            Take<string>(AiWorker.Client.ProblemCodes.NothingStays);
            Take<string>(AiWorker.Client.ProblemCodes.FaceNotInCluster);
            Take<string>(AiWorker.Client.ProblemCodes.SameCluster);
            Take<string>(AiWorker.Client.ProblemCodes.UploadTimedOut);
            Take<string>(AiWorker.Client.ProblemCodes.UnknownEntry);
            Take<string>(AiWorker.Client.ProblemCodes.NotUndoable);
            Take<string>(AiWorker.Client.ProblemCodes.IdempotencyKeyInUse);
            Take<string>(AiWorker.Client.ProblemCodes.StoreJobRunning);
            Take<string>(AiWorker.Client.ProblemCodes.BackupNotSupported);
            Take<string>(AiWorker.Client.ProblemCodes.NoStoreJob);
            Take<string>(AiWorker.Client.ProblemCodes.ChangesGone);
            Take<string>(AiWorker.Client.ProblemCodes.BodyTooLarge);
            Take<string>(AiWorker.Client.ProblemCodes.BatchTooLarge);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoTooLarge);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoTooManyPixels);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoTooMuchMemory);
            Take<string>(AiWorker.Client.ProblemCodes.NotJson);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoNotAnImage);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoCompressed);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoDamaged);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoEmpty);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoNotAvailable);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoUnreachable);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoSourceInvalid);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoAddressRefused);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoTooManyRedirects);
            Take<string>(AiWorker.Client.ProblemCodes.PluginRefused);
            Take<string>(AiWorker.Client.ProblemCodes.IdempotencyKeyReused);
            Take<string>(AiWorker.Client.ProblemCodes.Busy);
            Take<string>(AiWorker.Client.ProblemCodes.RateLimited);
            Take<string>(AiWorker.Client.ProblemCodes.TooManyWrongKeys);
            Take<string>(AiWorker.Client.ProblemCodes.Internal);
            Take<string>(AiWorker.Client.ProblemCodes.MergeCircle);
            Take<string>(AiWorker.Client.ProblemCodes.PluginFailed);
            Take<string>(AiWorker.Client.ProblemCodes.InferenceFailed);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoSourceBusy);
            Take<string>(AiWorker.Client.ProblemCodes.StoreUnavailable);
            Take<string>(AiWorker.Client.ProblemCodes.StoreNotWritable);
            Take<string>(AiWorker.Client.ProblemCodes.StoreLost);
            Take<string>(AiWorker.Client.ProblemCodes.NotReady);
            Take<string>(AiWorker.Client.ProblemCodes.ShuttingDown);
            Take<string>(AiWorker.Client.ProblemCodes.PhotoTimedOut);
            Take<string>(AiWorker.Client.ProblemCodes.DeadlineExceeded);
        }

        private static void ProcessAnswer(ProcessAnswer it)
        {
            Take(new AiWorker.Client.ProcessAnswer());
            Take<string>(it.Context);
            it.Context = Any<string>();
            Take<IList<string>>(it.Degraded);
            it.Degraded = new string[0];
            it.Degraded = new List<string>();
            Take<Details>(it.Details);
            it.Details = Any<Details>();
            Take<IList<DescribedFace>>(it.Faces);
            it.Faces = new DescribedFace[0];
            it.Faces = new List<DescribedFace>();
            Take<string>(it.FileId);
            it.FileId = Any<string>();
            Take<IList<string>>(it.Tags);
            it.Tags = new string[0];
            it.Tags = new List<string>();
        }

        private static void ProcessRequest(ProcessRequest it)
        {
            Take(new AiWorker.Client.ProcessRequest(fileId: Any<string>(), imageUrl: Any<string>()));
            Take<string>(it.FileId);
            Take<string>(it.ImageUrl);
        }

        private static void ReadingAnswer(ReadingAnswer it)
        {
            Take(new AiWorker.Client.ReadingAnswer());
            Take<ReadingContext>(it.Context);
            it.Context = Any<ReadingContext>();
            Take<string>(it.FileId);
            it.FileId = Any<string>();
            Take<IList<string>>(it.Lacking);
            it.Lacking = new string[0];
            it.Lacking = new List<string>();
            Take<PluginIdentities>(it.Plugins);
            it.Plugins = Any<PluginIdentities>();
            Take<bool>(it.SameAsStored);
            it.SameAsStored = Any<bool>();
            Take<IList<ScoredTag>>(it.ScoredTags);
            it.ScoredTags = new ScoredTag[0];
            it.ScoredTags = new List<ScoredTag>();
        }

        private static void ReadingContext(ReadingContext it)
        {
            Take(new AiWorker.Client.ReadingContext());
            Take<double>(it.Confidence);
            it.Confidence = Any<double>();
            Take<string>(it.Phrase);
            it.Phrase = Any<string>();
            Take<string>(it.Reason);
            it.Reason = Any<string>();
        }

        private static void RejectAnswer(RejectAnswer it)
        {
            Take(new AiWorker.Client.RejectAnswer());
            Take<IList<int>>(it.BoundingBox);
            it.BoundingBox = new int[0];
            it.BoundingBox = new List<int>();
            Take<Guid>(it.FaceId);
            it.FaceId = Any<Guid>();
            Take<string>(it.FileId);
            it.FileId = Any<string>();
        }

        private static void RejectedDevice(RejectedDevice it)
        {
            Take(new AiWorker.Client.RejectedDevice());
            Take<string>(it.Device);
            it.Device = Any<string>();
            Take<string>(it.Reason);
            it.Reason = Any<string>();
        }

        private static void ReplayReport(ReplayReport it)
        {
            Take(new AiWorker.Client.ReplayReport());
            Take<Applied>(it.Applied);
            it.Applied = Any<Applied>();
            Take<PluginIdentity>(it.Candidate);
            it.Candidate = Any<PluginIdentity>();
            Take<long?>(it.ClustersAfter);
            it.ClustersAfter = Any<long?>();
            Take<long?>(it.ClustersBefore);
            it.ClustersBefore = Any<long?>();
            Take<IDictionary<string, long>>(it.ComparedWith);
            it.ComparedWith = Any<IDictionary<string, long>>();
            Take<long?>(it.ContextsChanged);
            it.ContextsChanged = Any<long?>();
            Take<IList<PhotoChange>>(it.Examples);
            it.Examples = new PhotoChange[0];
            it.Examples = new List<PhotoChange>();
            Take<long?>(it.Faces);
            it.Faces = Any<long?>();
            Take<long?>(it.FacesMoved);
            it.FacesMoved = Any<long?>();
            Take<long>(it.Failed);
            it.Failed = Any<long>();
            Take<IList<Failure>>(it.Failures);
            it.Failures = new Failure[0];
            it.Failures = new List<Failure>();
            Take<IList<ClusterMerge>>(it.Merges);
            it.Merges = new ClusterMerge[0];
            it.Merges = new List<ClusterMerge>();
            Take<long?>(it.MergesFound);
            it.MergesFound = Any<long?>();
            Take<MissingEvidence>(it.MissingEvidence);
            it.MissingEvidence = Any<MissingEvidence>();
            Take<long?>(it.Photos);
            it.Photos = Any<long?>();
            Take<IList<PhraseChange>>(it.Phrases);
            it.Phrases = new PhraseChange[0];
            it.Phrases = new List<PhraseChange>();
            Take<string>(it.Slot);
            it.Slot = Any<string>();
            Take<IList<ClusterSplit>>(it.Splits);
            it.Splits = new ClusterSplit[0];
            it.Splits = new List<ClusterSplit>();
            Take<long?>(it.SplitsFound);
            it.SplitsFound = Any<long?>();
            Take<double?>(it.TagThreshold);
            it.TagThreshold = Any<double?>();
            Take<IDictionary<string, TagChange>>(it.Tags);
            it.Tags = Any<IDictionary<string, TagChange>>();
            Take<long?>(it.TagsChanged);
            it.TagsChanged = Any<long?>();
            Take<long?>(it.TagsReordered);
            it.TagsReordered = Any<long?>();
            Take<double?>(it.Threshold);
            it.Threshold = Any<double?>();
        }

        private static void ReplayStatus(ReplayStatus it)
        {
            Take(new AiWorker.Client.ReplayStatus());
            Take<long>(it.Done);
            it.Done = Any<long>();
            Take<string>(it.Error);
            it.Error = Any<string>();
            Take<ReplayReport>(it.Report);
            it.Report = Any<ReplayReport>();
            Take<long>(it.Total);
            it.Total = Any<long>();
        }

        private static void RepresentAnswer(RepresentAnswer it)
        {
            Take(new AiWorker.Client.RepresentAnswer());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<Guid>(it.RepresentativeFaceId);
            it.RepresentativeFaceId = Any<Guid>();
        }

        private static void Roles()
        {
            Take<string>(AiWorker.Client.Roles.Process);
            Take<string>(AiWorker.Client.Roles.Curate);
            Take<string>(AiWorker.Client.Roles.Admin);
        }

        private static void Scene(Scene it)
        {
            Take(new AiWorker.Client.Scene());
            Take<string>(it.Caption);
            it.Caption = Any<string>();
            Take<IList<SceneFace>>(it.Faces);
            it.Faces = new SceneFace[0];
            it.Faces = new List<SceneFace>();
            Take<int>(it.Height);
            it.Height = Any<int>();
            Take<double?>(it.Indoor);
            it.Indoor = Any<double?>();
            Take<IList<Label>>(it.Labels);
            it.Labels = new Label[0];
            it.Labels = new List<Label>();
            Take<IList<SceneObject>>(it.Objects);
            it.Objects = new SceneObject[0];
            it.Objects = new List<SceneObject>();
            Take<IList<double>>(it.Similarities);
            it.Similarities = new double[0];
            it.Similarities = new List<double>();
            Take<IList<TextLine>>(it.Text);
            it.Text = new TextLine[0];
            it.Text = new List<TextLine>();
            Take<IList<double>>(it.TextSimilarities);
            it.TextSimilarities = new double[0];
            it.TextSimilarities = new List<double>();
            Take<int>(it.Width);
            it.Width = Any<int>();
        }

        private static void SceneFace(SceneFace it)
        {
            Take(new AiWorker.Client.SceneFace());
            Take<double?>(it.Age);
            it.Age = Any<double?>();
            Take<IList<int>>(it.BoundingBox);
            it.BoundingBox = new int[0];
            it.BoundingBox = new List<int>();
            Take<double>(it.Confidence);
            it.Confidence = Any<double>();
            Take<string>(it.Gender);
            it.Gender = Any<string>();
            Take<double>(it.Quality);
            it.Quality = Any<double>();
        }

        private static void SceneObject(SceneObject it)
        {
            Take(new AiWorker.Client.SceneObject());
            Take<IList<int>>(it.BoundingBox);
            it.BoundingBox = new int[0];
            it.BoundingBox = new List<int>();
            Take<string>(it.Name);
            it.Name = Any<string>();
            Take<double>(it.Score);
            it.Score = Any<double>();
        }

        private static void ScoredTag(ScoredTag it)
        {
            Take(new AiWorker.Client.ScoredTag());
            Take<string>(it.Name);
            it.Name = Any<string>();
            Take<string>(it.Reason);
            it.Reason = Any<string>();
            Take<double>(it.Score);
            it.Score = Any<double>();
        }

        private static void ShadowReport(ShadowReport it)
        {
            Take(new AiWorker.Client.ShadowReport());
            Take<CallReport>(it.Calls);
            it.Calls = Any<CallReport>();
            Take<PluginIdentity>(it.Candidate);
            it.Candidate = Any<PluginIdentity>();
            Take<long>(it.Compared);
            it.Compared = Any<long>();
            Take<long>(it.Different);
            it.Different = Any<long>();
            Take<IList<Difference>>(it.Examples);
            it.Examples = new Difference[0];
            it.Examples = new List<Difference>();
            Take<long>(it.Failed);
            it.Failed = Any<long>();
            Take<long>(it.Skipped);
            it.Skipped = Any<long>();
        }

        private static void SimilarCluster(SimilarCluster it)
        {
            Take(new AiWorker.Client.SimilarCluster());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<bool>(it.Distinct);
            it.Distinct = Any<bool>();
            Take<long>(it.Faces);
            it.Faces = Any<long>();
            Take<bool>(it.Hidden);
            it.Hidden = Any<bool>();
            Take<bool>(it.Provisional);
            it.Provisional = Any<bool>();
            Take<Guid>(it.RepresentativeFaceId);
            it.RepresentativeFaceId = Any<Guid>();
            Take<double>(it.Similarity);
            it.Similarity = Any<double>();
            Take<string>(it.Thumbnail);
            it.Thumbnail = Any<string>();
            Take<bool>(it.Unsure);
            it.Unsure = Any<bool>();
        }

        private static void SimilarClusterPage(SimilarClusterPage it)
        {
            Take(new AiWorker.Client.SimilarClusterPage());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<string>(it.Next);
            it.Next = Any<string>();
            Take<IList<SimilarCluster>>(it.Similar);
            it.Similar = new SimilarCluster[0];
            it.Similar = new List<SimilarCluster>();
        }

        private static void SlotReport(SlotReport it)
        {
            Take(new AiWorker.Client.SlotReport());
            Take<double>(it.BusyMs);
            it.BusyMs = Any<double>();
            Take<long>(it.Calls);
            it.Calls = Any<long>();
            Take<PluginData>(it.Data);
            it.Data = Any<PluginData>();
            Take<string>(it.Digest);
            it.Digest = Any<string>();
            Take<long>(it.Failures);
            it.Failures = Any<long>();
            Take<LastFailure>(it.LastFailure);
            it.LastFailure = Any<LastFailure>();
            Take<string>(it.Name);
            it.Name = Any<string>();
            Take<string>(it.OnFailure);
            it.OnFailure = Any<string>();
            Take<string>(it.Origin);
            it.Origin = Any<string>();
            Take<int?>(it.P50Us);
            it.P50Us = Any<int?>();
            Take<int?>(it.P99Us);
            it.P99Us = Any<int?>();
            Take<string>(it.PreviousDigest);
            it.PreviousDigest = Any<string>();
            Take<ShadowReport>(it.Shadow);
            it.Shadow = Any<ShadowReport>();
            Take<string>(it.Since);
            it.Since = Any<string>();
            Take<string>(it.Slot);
            it.Slot = Any<string>();
            Take<IList<string>>(it.TagsOutOfReach);
            it.TagsOutOfReach = new string[0];
            it.TagsOutOfReach = new List<string>();
            Take<string>(it.Version);
            it.Version = Any<string>();
        }

        private static void SplitAnswer(SplitAnswer it)
        {
            Take(new AiWorker.Client.SplitAnswer());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<long>(it.MovedFaces);
            it.MovedFaces = Any<long>();
            Take<Guid>(it.NewClusterId);
            it.NewClusterId = Any<Guid>();
        }

        private static void StageTimings(StageTimings it)
        {
            Take(new AiWorker.Client.StageTimings());
            Take<double>(it.Decode);
            it.Decode = Any<double>();
            Take<double>(it.Download);
            it.Download = Any<double>();
            Take<double>(it.Faces);
            it.Faces = Any<double>();
            Take<double>(it.Inference);
            it.Inference = Any<double>();
            Take<double>(it.Plugins);
            it.Plugins = Any<double>();
        }

        private static void StoreHealth(StoreHealth it)
        {
            Take(new AiWorker.Client.StoreHealth());
            Take<long?>(it.Clusters);
            it.Clusters = Any<long?>();
            Take<long?>(it.Faces);
            it.Faces = Any<long?>();
            Take<string>(it.Kind);
            it.Kind = Any<string>();
            Take<string>(it.Problem);
            it.Problem = Any<string>();
        }

        private static void TagChange(TagChange it)
        {
            Take(new AiWorker.Client.TagChange());
            Take<long>(it.Gained);
            it.Gained = Any<long>();
            Take<IList<string>>(it.GainedIn);
            it.GainedIn = new string[0];
            it.GainedIn = new List<string>();
            Take<long>(it.Lost);
            it.Lost = Any<long>();
            Take<IList<string>>(it.LostIn);
            it.LostIn = new string[0];
            it.LostIn = new List<string>();
        }

        private static void TagList(TagList it)
        {
            Take(new AiWorker.Client.TagList());
            Take<IList<ListedTag>>(it.Tags);
            it.Tags = new ListedTag[0];
            it.Tags = new List<ListedTag>();
        }

        private static void TextLine(TextLine it)
        {
            Take(new AiWorker.Client.TextLine());
            Take<IList<int>>(it.BoundingBox);
            it.BoundingBox = new int[0];
            it.BoundingBox = new List<int>();
            Take<double>(it.Score);
            it.Score = Any<double>();
            Take<string>(it.Text);
            it.Text = Any<string>();
            Take<double>(it.Turn);
            it.Turn = Any<double>();
        }

        private static void Thumbnail(Thumbnail it)
        {
            Take<IDisposable>(it);
            Take<Guid?>(it.ClusterId);
            Take<Stream>(it.Content);
            it.Dispose();
        }

        private static void TrialReport(TrialReport it)
        {
            Take(new AiWorker.Client.TrialReport());
            Take<string>(it.Problem);
            it.Problem = Any<string>();
            Take<long>(it.Skipped);
            it.Skipped = Any<long>();
            Take<bool>(it.TimedOut);
            it.TimedOut = Any<bool>();
            Take<long>(it.TookMs);
            it.TookMs = Any<long>();
            Take<long>(it.Tried);
            it.Tried = Any<long>();
        }

        private static void UndoAnswer(UndoAnswer it)
        {
            Take(new AiWorker.Client.UndoAnswer());
            Take<IList<Guid>>(it.ClusterIds);
            it.ClusterIds = new Guid[0];
            it.ClusterIds = new List<Guid>();
            Take<CorrectionEntry>(it.Entry);
            it.Entry = Any<CorrectionEntry>();
        }

        private static void UnmergeAnswer(UnmergeAnswer it)
        {
            Take(new AiWorker.Client.UnmergeAnswer());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<Guid?>(it.FromClusterId);
            it.FromClusterId = Any<Guid?>();
            Take<long>(it.LaterFaces);
            it.LaterFaces = Any<long>();
            Take<long>(it.MovedFaces);
            it.MovedFaces = Any<long>();
        }

        private static void UnsureAnswer(UnsureAnswer it)
        {
            Take(new AiWorker.Client.UnsureAnswer());
            Take<Guid>(it.ClusterId);
            it.ClusterId = Any<Guid>();
            Take<Guid>(it.OtherClusterId);
            it.OtherClusterId = Any<Guid>();
            Take<bool>(it.Unsure);
            it.Unsure = Any<bool>();
        }

        private static void VerificationStatus(VerificationStatus it)
        {
            Take(new AiWorker.Client.VerificationStatus());
            Take<string>(it.Error);
            it.Error = Any<string>();
            Take<Integrity>(it.Report);
            it.Report = Any<Integrity>();
            Take<string>(it.Started);
            it.Started = Any<string>();
        }

        private static void WhoamiAnswer(WhoamiAnswer it)
        {
            Take(new AiWorker.Client.WhoamiAnswer());
            Take<string>(it.KeyName);
            it.KeyName = Any<string>();
            Take<bool>(it.KeyRequired);
            it.KeyRequired = Any<bool>();
            Take<string>(it.Role);
            it.Role = Any<string>();
        }

        private static void WithdrawalAnswer(WithdrawalAnswer it)
        {
            Take(new AiWorker.Client.WithdrawalAnswer());
            Take<Guid>(it.FaceId);
            it.FaceId = Any<Guid>();
            Take<bool>(it.Withdrawn);
            it.Withdrawn = Any<bool>();
        }
    }
}
