using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;
using AiWorker.SampleBackend;

namespace AiWorker.Tests
{
    /// <summary>The client on the built worker, with real models and photos.</summary>
    internal static class WorkerTests
    {
        private const string StrictPolicy = "components/examples/strict-cluster-policy/strict-cluster-policy.wasm";
        private const string Tagger = "components/tagger/tagger.wasm";

        [Test]
        private static async Task Every_operation_answers()
        {
            using (Worker worker = await Worker.StartAsync())
            using (PhotoServer photos = PhotoServer.Start(IPAddress.Loopback))
            using (var recorder = new Recorder())
            {
                AiWorkerClient client = Client(worker, recorder);
                Func<string, string> url = name => photos.Add(Path.Combine(Worker.Samples, name));
                ProcessAnswer group = await client.ProcessAsync("six/people", url("t1.jpg"), true);
                ProcessAnswer one = await client.ProcessAsync("obama.jpg", url("obama.jpg"));
                Check.Equal(6, group.Faces.Count, "faces");
                Check.Equal("open", group.Details.ModelSet, "model set");
                Check.True(group.Details.Labels.Count > 0 && group.Details.TimingsMs.Inference > 0, "details");
                Check.True(one.Details == null && one.Context.Length > 0, "an answer without details");
                await FilesAsync(client, group, one, url);
                await ListsAsync(client, group, one);
                await SentAsync(client, group, one, url);
                await PeopleAsync(client, group, one);
                await FacesAsync(client, group, one);
                await PluginsAsync(client, url);
                await StoreAsync(client);
                Health health = await client.GetHealthAsync();
                Check.Equal("ok", health.Status, "status");
                Check.True(health.VectorStore.Faces > 0 && health.Models.Count > 0 && health.Plugins.Tagger.Digest.Length == 64, "health");
                Check.True((await client.DeleteClusterAsync(group.Faces[5].ClusterId)).Count > 0, "nothing of a person deleted");
                Check.True((await client.DeleteFileAsync("six/people")).Count > 0, "nothing of a photo deleted");
                await Check.ThrowsAsync<AiWorkerNotFoundException>(() => client.GetFileAsync("six/people"), "deleted photo");

                var document = new OpenApi();
                Check.SameSet(
                    document.Calls.Select(call => call.Id),
                    document.Calls.Where(call => recorder.Answered.Any(
                        answered => answered.Method == call.Method && call.Path.IsMatch(answered.Path))).Select(call => call.Id),
                    "operations");
#if NET8_0_OR_GREATER
                JsonTests.CheckSame(document, recorder.Answers);
#endif
            }
        }

        [Test]
        private static async Task Problems_are_exceptions_with_code_and_request()
        {
            using (Worker worker = await Worker.StartAsync())
            using (PhotoServer photos = PhotoServer.Start(IPAddress.Loopback))
            using (var recorder = new Recorder())
            {
                AiWorkerClient client = Client(worker, recorder);
                string missing = photos.Add("/there/is/no/such.jpg"), noPhoto = photos.Add(Path.GetFullPath("Cargo.toml"));
                foreach (Refusal at in new[]
                {
                    new Refusal(ProblemCodes.PhotoNotAvailable, typeof(AiWorkerPhotoException), () => client.ProcessAsync("a", missing)),
                    new Refusal(ProblemCodes.PhotoNotAnImage, typeof(AiWorkerPhotoException), () => client.ProcessAsync("a", noPhoto)),
                    new Refusal(ProblemCodes.InvalidImageUrl, typeof(AiWorkerPhotoException), () => client.ProcessAsync("a", "ftp://127.0.0.1/a.jpg")),
                    new Refusal(ProblemCodes.PhotoAddressRefused, typeof(AiWorkerPhotoException), () => client.ProcessAsync("a", "http://10.1.2.3/a.jpg")),
                    new Refusal(ProblemCodes.InvalidValue, typeof(AiWorkerProblemException), () => client.ProcessAsync(new string('a', 257), missing)),
                    new Refusal(ProblemCodes.UnknownCluster, typeof(AiWorkerNotFoundException), () => client.GetClusterAsync(Guid.Empty)),
                    new Refusal(ProblemCodes.UnknownFace, typeof(AiWorkerNotFoundException), () => client.RejectFaceAsync(Guid.Empty)),
                    new Refusal(ProblemCodes.UnknownSlot, typeof(AiWorkerNotFoundException), () => client.GetShadowAsync("no slot")),
                    new Refusal(ProblemCodes.EmptyMerge, typeof(AiWorkerProblemException), () => client.MergeClustersAsync(new Guid[0], Guid.Empty)),
                    new Refusal(ProblemCodes.EmptyBatch, typeof(AiWorkerProblemException), () => client.ProcessBatchAsync(new ProcessRequest[0])),
                    new Refusal(ProblemCodes.PluginRefused, typeof(AiWorkerProblemException), () => client.SwapPluginAsync(PluginSlots.Tagger, new byte[] { 1 })),
                })
                {
                    AiWorkerProblemException found = await Check.ProblemAsync(at.Type, at.Code, at.Call);
                    Check.Equal(recorder.LastRequestId, found.RequestId, "request");
                }
                var options = new AiWorkerClientOptions { BaseAddress = worker.Address, ApiKey = "wrong" };
                using (var http = new HttpClient())
                    await Check.ProblemAsync(
                        typeof(AiWorkerAccessException), ProblemCodes.WrongApiKey, () => new AiWorkerClient(http, options).ListClustersAsync());
            }
        }

        [Test]
        private static async Task A_request_under_its_key_is_answered_as_it_was()
        {
            using (Worker worker = await Worker.StartAsync())
            using (PhotoServer photos = PhotoServer.Start(IPAddress.Loopback))
            using (var recorder = new Recorder())
            {
                AiWorkerClient client = Client(worker, recorder);
                string url = photos.Add(Path.Combine(Worker.Samples, "obama.jpg"));
                // The answer is lost on its way, as when a connection is cut: the second attempt gets the first's.
                recorder.LoseNextAnswer();
                ProcessAnswer answer = await client.ProcessAsync("a", url);
                Check.Equal(2, recorder.Answered.Count, "attempts");
                Check.True(answer.Faces.Single().IsNewCluster, "the answer is not the first one");
                await Check.ProblemAsync(
                    typeof(AiWorkerProblemException), ProblemCodes.IdempotencyKeyReused,
                    () => client.ProcessAsync("b", url, false, recorder.LastKey));
            }
        }

        private static async Task StoreAsync(AiWorkerClient client)
        {
            BackupStatus backup = await client.StartBackupAsync();
            while (backup.Report == null && backup.Error == null)
            {
                await Task.Delay(50);
                backup = await client.GetBackupAsync();
            }
            Check.True(backup.Report != null && backup.Report.Faces > 0 && backup.Report.Bytes > 0, "backup: " + backup.Error);
            VerificationStatus check = await client.StartVerificationAsync();
            while (check.Report == null && check.Error == null)
            {
                await Task.Delay(50);
                check = await client.GetVerificationAsync();
            }
            Check.True(check.Report != null, "check: " + check.Error);
            Check.Equal(0, check.Report.Faults.Count, "faults of the store");
        }

        private static async Task FilesAsync(AiWorkerClient client, ProcessAnswer group, ProcessAnswer one, Func<string, string> url)
        {
            FileAnswer file = await client.GetFileAsync("six/people", true);
            Check.Same(group.Faces.Select(each => each.FaceId), file.Faces.Select(each => each.FaceId), "faces of the file");
            Check.Same(group.Tags, file.Tags, "tags of the file");
            Check.Equal(group.Context, file.Context, "context of the file");
            Check.Equal(6, file.Details.Scene.Faces.Count, "faces of the scene");
            Check.True((await client.GetFileAsync("obama.jpg")).Details == null, "details that nobody asked for");
            var results = new List<BatchResult>();
            using (BatchReader batch = await client.ProcessBatchAsync(new[]
            {
                new ProcessRequest("obama2.jpg", url("obama2.jpg")), new ProcessRequest("coffee.png", url("coffee.png")),
                new ProcessRequest("missing.jpg", url("missing.jpg")),
            }, true))
                for (BatchResult result; (result = await batch.ReadAsync()) != null;)
                    results.Add(result);
            results = results.OrderBy(result => result.Index).ToList();
            Check.Same(new[] { "obama2.jpg", "coffee.png", "missing.jpg" }, results.Select(result => result.FileId), "batch");
            Check.Equal(one.Faces.Single().ClusterId, results[0].Answer.Faces.Single().ClusterId, "the same man");
            Check.True(results[1].Answer.Faces.Count == 0 && results[1].Answer.Details != null, "a cup of coffee");
            Check.Equal(ProblemCodes.PhotoNotAvailable, results[2].Problem.Code, "a photo that is not there");
        }

        private static async Task ListsAsync(AiWorkerClient client, ProcessAnswer group, ProcessAnswer one)
        {
            var listed = new List<string>();
            long? before = null;
            do
            {
                FilesPage page = await client.ListFilesAsync(null, null, before, 3);
                listed.AddRange(page.Files.Select(each => each.FileId));
                before = page.Next;
            }
            while (before != null);
            Check.SameSet(new[] { "six/people", "obama.jpg", "obama2.jpg", "coffee.png" }, listed, "photos");
            FilesPage his = await client.ListFilesAsync(null, one.Faces.Single().ClusterId);
            Check.SameSet(new[] { "obama.jpg", "obama2.jpg" }, his.Files.Select(each => each.FileId), "photos of a man");
            ListedFile six = (await client.ListFilesAsync(group.Tags[0], group.Faces[0].ClusterId)).Files.Single();
            Check.True(six.FileId == "six/people" && six.Faces == 6 && six.HasUrl, "a photo of a tag and a person");
            Check.Same(group.Tags, six.Tags, "its tags");
            Check.Equal(group.Context, six.Context, "its phrase");
            Check.Same(group.Faces.Select(each => each.ClusterId), six.ClusterIds, "its people");
            foreach (ListedTag tag in (await client.ListTagsAsync()).Tags)
                Check.Equal(tag.Photos, (long)(await client.ListFilesAsync(tag.Name)).Files.Count, tag.Name);
            ReadingAnswer reading = await client.GetReadingAsync("six/people");
            Check.True(reading.SameAsStored, "another reading");
            Check.Same(new[] { "text" }, reading.Lacking, "what was not stored");
            Check.Same(group.Tags, reading.ScoredTags.Select(each => each.Name), "tags that are read");
            Check.Equal(group.Context, reading.Context.Phrase, "phrase that is read");
            JobReport batch = (await client.ListJobsAsync()).Jobs.First(job => job.Kind == JobKinds.Batch);
            Check.True(batch.State == JobStates.Done && batch.Done == 3 && batch.Total == 3 && batch.Failures == 1, "batch as a job");
            FailureReport failure = (await client.ListFailuresAsync(1)).Failures.Single();
            Check.True(failure.Kind == FailureKinds.Photo && failure.Code == ProblemCodes.PhotoNotAvailable, "failure");
            Check.Equal("missing.jpg", failure.FileId, "photo that failed");
        }

        private static async Task SentAsync(AiWorkerClient client, ProcessAnswer group, ProcessAnswer one, Func<string, string> url)
        {
            WhoamiAnswer who = await client.WhoAmIAsync();
            Check.True(who.Role == Roles.Admin && who.KeyName == "ADMIN_KEY" && who.KeyRequired, "who");
            Guid person = one.Faces.Single().ClusterId;
            byte[] again = Photo("obama2.jpg");
            foreach (IdentifyAnswer found in new[]
            {
                await client.IdentifyAsync(again), await client.IdentifyAsync(url("obama2.jpg"), 2),
            })
            {
                IdentifyFace face = found.Faces.Single();
                Check.Equal<Guid?>(person, face.ClusterId, "who it is");
                Check.True(face.People[0].ClusterId == person && face.People[0].Similarity > face.People[1].Similarity, "whom it resembles");
                Check.True(found.Details.ModelSet == "open" && found.Context.Length > 0 && found.Width > 0, "what it shows");
            }
            Check.Equal(2, (await client.IdentifyAsync(again, 2)).Faces.Single().People.Count, "people");
            CompareAnswer same = await client.CompareAsync(Photo("obama.jpg"), again);
            Check.True(same.Best.Same && same.Best.Similarity >= same.Threshold, "one man");
            Check.Equal(same.Best.Similarity, same.Similarities[0][0], "their similarity");
            CompareAnswer different = await client.CompareAsync(url("obama.jpg"), url("biden.jpg"));
            Check.True(!different.Best.Same && different.First.Faces.Count == 1 && different.Second.Width > 0, "two men");
            Check.True((await client.CompareAsync(again, Photo("coffee.png"))).Best == null, "nobody in a cup of coffee");

            ProcessAnswer sent = await client.ProcessUploadAsync("sent/1", again, true);
            Check.True(sent.Faces.Single().ClusterId == person && sent.Details != null && sent.FileId == "sent/1", "a photo that was sent");
            await Check.ProblemAsync(
                typeof(AiWorkerConflictException), ProblemCodes.NoStoredUrl, () => client.ReprocessAsync("sent/1"));
            Check.Equal(1L, (await client.DeleteFileAsync("sent/1")).Count, "faces that were sent");
            await Check.ProblemAsync(
                typeof(AiWorkerPhotoException), ProblemCodes.PhotoNotAnImage, () => client.IdentifyAsync(new byte[] { 1, 2, 3 }));

            using (PhotoPicture picture = await client.GetPictureAsync("six/people", 300))
                Check.True(picture.Content.ReadByte() == 0xff && picture.Content.ReadByte() == 0xd8, "no JPEG");
            ProcessAnswer anew = await client.ReprocessAsync("six/people");
            Check.Same(group.Faces.Select(each => each.FaceId), anew.Faces.Select(each => each.FaceId), "the same faces");
        }

        private static byte[] Photo(string name) => File.ReadAllBytes(Path.Combine(Worker.Samples, name));

        private static async Task PeopleAsync(AiWorkerClient client, ProcessAnswer group, ProcessAnswer one)
        {
            Guid target = one.Faces.Single().ClusterId;
            List<Guid> people = group.Faces.Select(each => each.ClusterId).ToList();
            var listed = new List<Guid>();
            Guid? after = null;
            do
            {
                ClusterPage page = await client.ListClustersAsync(after, 3);
                listed.AddRange(page.Clusters.Select(cluster => cluster.ClusterId));
                after = page.Next;
            }
            while (after != null);
            Check.SameSet(people.Append(target).Select(id => id.ToString()), listed.Select(id => id.ToString()), "people");

            MergeAnswer merged = await client.MergeClustersAsync(new[] { people[0], people[1] }, target);
            Check.Equal(2L, merged.MergedCount, "merged faces");
            Check.Equal(target, merged.TargetClusterId, "target");
            Check.Equal(0L, (await client.MergeClustersAsync(new[] { people[0] }, target)).MergedCount, "repeated merge");
            using (Thumbnail picture = await client.GetClusterThumbnailAsync(people[0]))
            {
                Check.Equal<Guid?>(target, picture.ClusterId, "cluster of the picture");
                Check.True(picture.Content.ReadByte() == 0xff && picture.Content.ReadByte() == 0xd8, "no JPEG");
            }
            ClusterDetails details = await client.GetClusterAsync(people[1]);
            Check.Equal(target, details.ClusterId, "where it is");
            Check.SameSet(new[] { people[0].ToString(), people[1].ToString() }, details.MergedClusterIds.Select(id => id.ToString()), "former ids");
            UnmergeAnswer back = await client.UnmergeClusterAsync(people[0]);
            Check.Equal<Guid?>(target, back.FromClusterId, "where it was");

            FacePage first = await client.ListFacesAsync(people[1], null, 1);
            Check.True(first.ClusterId == target && first.Faces.Count == 1 && first.Next != null, "first page");
            Check.Equal(2, (await client.ListFacesAsync(target, first.Next)).Faces.Count, "rest of the faces");
            Guid face = group.Faces[1].FaceId;
            Check.Equal(face, (await client.SetRepresentativeAsync(target, face)).RepresentativeFaceId, "representative");
            SplitAnswer split = await client.SplitClusterAsync(target, new[] { face });
            Check.True(split.MovedFaces == 1 && split.NewClusterId != target, "split");
            DistinctAnswer distinct = await client.DistinguishClustersAsync(people[2], people[3]);
            Check.Same(new[] { people[3] }, distinct.DistinctClusterIds, "other people");
            SimilarClusterPage similar = await client.ListSimilarClustersAsync(people[2], null, 1);
            Check.True(similar.Similar.Count == 1 && similar.Next != null, "similar people");
            SimilarClusterPage others = await client.ListSimilarClustersAsync(people[2], similar.Next);
            Check.True(others.Similar.All(each => each.Similarity <= similar.Similar[0].Similarity), "order");
            Check.Same(
                new[] { people[3] },
                similar.Similar.Concat(others.Similar).Where(each => each.Distinct).Select(each => each.ClusterId), "told apart");
            foreach (string sort in new[] { ClusterSorts.Faces, ClusterSorts.Latest })
            {
                ClusterPage top = await client.ListClustersByAsync(sort, null, 1);
                ClusterPage rest = await client.ListClustersByAsync(sort, top);
                Check.True(rest.Clusters.Count > 0 && rest.Clusters.All(each => each.ClusterId != top.Clusters[0].ClusterId), sort);
            }
            ClusterAnswer hidden = await client.HideClusterAsync(people[4]);
            Check.True(hidden.Hidden && !hidden.Provisional && hidden.ClusterId == people[4], "hidden");
            ClusterPage filtered = await client.FilterClustersAsync(true, false);
            Check.Same(new[] { people[4] }, filtered.Clusters.Select(each => each.ClusterId), "who is hidden");
            filtered = await client.FilterClustersAsync(false, null, ClusterSorts.Faces);
            Check.True(filtered.Clusters.Count > 0 && filtered.Clusters.All(each => !each.Hidden), "who is not");
            Check.True(!(await client.HideClusterAsync(people[4], false)).Hidden, "shown");
            FacePage fit = await client.ListFacesByFitAsync(target);
            Check.True(fit.Faces.All(each => each.Similarity != null) && fit.Next == null, "fit");
            Check.True((await client.MarkClustersUnsureAsync(people[4], people[5])).Unsure, "unsure");
            SimilarClusterPage alike = await client.ListSimilarClustersAsync(people[4]);
            Check.Same(
                new[] { people[5] }, alike.Similar.Where(each => each.Unsure).Select(each => each.ClusterId), "who is not told from whom");
            PairPage pairs = await client.ListPairsAsync(true);
            Check.True(pairs.Pairs.All(each => each.First.Faces >= 1 && each.Reason.Length > 0), "pairs");
            Check.True(!(await client.WithdrawClustersUnsureAsync(people[4], people[5])).Unsure, "not unsure");
            DistinctAnswer withdrawn = await client.WithdrawClusterDistinctionAsync(people[3], people[2]);
            Check.Same(new Guid[0], withdrawn.DistinctClusterIds, "no other people");
            ChangesPage changes = await client.ListChangesAsync(null, 1000);
            Check.Equal(changes.Latest, changes.Next, "latest change");
            Check.SameSet(
                new[] { ChangeKinds.Face, ChangeKinds.Merged, ChangeKinds.Unmerged, ChangeKinds.Split },
                changes.Changes.Select(change => change.Kind).Distinct(), "kinds of changes");
            await Check.ProblemAsync(
                typeof(AiWorkerProblemException), ProblemCodes.ChangesGone, () => client.ListChangesAsync(changes.Latest + 1));
            HistoryAnswer history = await client.ListCorrectionsAsync(people[2], null, 1);
            Check.True(history.ClusterId == people[2] && history.Entries.Count == 1 && history.Next != null, "history");
            CorrectionEntry newest = history.Entries[0];
            Check.True(newest.Kind == CorrectionKinds.ClusterDistinctionWithdrawn && newest.Undoable, "newest correction");
            UndoAnswer undone = await client.UndoCorrectionAsync(people[2], newest.Position);
            Check.Equal<long?>(newest.Position, undone.Entry.Undoes, "undo");
            Check.Same(new[] { people[3] }, (await client.GetClusterAsync(people[2])).DistinctClusterIds, "told apart again");
            HistoryAnswer earlier = await client.ListCorrectionsAsync(people[2], newest.Position);
            Check.Equal(CorrectionKinds.ClustersDistinguished, earlier.Entries.Single().Kind, "earlier correction");
            await Check.ProblemAsync(
                typeof(AiWorkerConflictException), ProblemCodes.NotUndoable, () => client.UndoCorrectionAsync(people[2], newest.Position));
            await Check.ProblemAsync(
                typeof(AiWorkerNotFoundException), ProblemCodes.UnknownEntry, () => client.UndoCorrectionAsync(people[2], 999999));
            await client.UndoCorrectionAsync(people[2], undone.Entry.Position);
            ConsolidationAnswer dry = await client.ConsolidateAsync(true);
            Check.True(dry.DryRun && dry.Clusters > 0, "dry run");
        }

        private static async Task FacesAsync(AiWorkerClient client, ProcessAnswer group, ProcessAnswer one)
        {
            Guid face = group.Faces[2].FaceId, cluster = one.Faces.Single().ClusterId;
            FaceAnswer stored = await client.GetFaceAsync(face);
            Check.Equal("six/people", stored.FileId, "file");
            Check.Equal(Deciders.Policy, stored.Decision.DecidedBy, "who decided");
            using (Thumbnail picture = await client.GetFaceThumbnailAsync(face))
                Check.True(picture.ClusterId == null && picture.Content.Length > 1000, "picture of a face");
            Check.Equal(cluster, (await client.MoveFaceAsync(face, cluster)).ClusterId, "moved");
            Check.True((await client.MoveFaceAsync(face, null)).ClusterId != cluster, "moved out");
            Check.Equal(Deciders.Person, (await client.GetFaceAsync(face)).Decision.DecidedBy, "who decided");
            Check.Equal(face, (await client.DistinguishFacesAsync(face, group.Faces[3].FaceId)).FaceId, "told apart");
            Check.True((await client.WithdrawFaceDistinctionAsync(face, group.Faces[3].FaceId)).Withdrawn, "not taken back");
            RejectAnswer rejected = await client.RejectFaceAsync(group.Faces[4].FaceId);
            Check.Same(group.Faces[4].BoundingBox, rejected.BoundingBox, "box");
            await Check.ThrowsAsync<AiWorkerNotFoundException>(() => client.GetFaceThumbnailAsync(group.Faces[4].FaceId), "rejected");
            foreach (bool expected in new[] { true, false })
                Check.Equal(expected, (await client.WithdrawRejectionAsync(group.Faces[4].FaceId)).Withdrawn, "rejection");
        }

        private static async Task PluginsAsync(AiWorkerClient client, Func<string, string> url)
        {
            byte[] policy = File.ReadAllBytes(StrictPolicy);
            Check.Equal(0L, (await client.StartShadowAsync(PluginSlots.ClusterPolicy, policy)).Compared, "compared");
            await client.ProcessAsync("obama3.jpg", url("obama3.jpg"));
            IList<SlotReport> slots = await client.ListPluginsAsync();
            Check.SameSet(
                new[] { PluginSlots.Tagger, PluginSlots.ContextMapper, PluginSlots.ClusterPolicy }, slots.Select(slot => slot.Slot), "slots");
            Check.True(slots.Single(slot => slot.Slot == PluginSlots.ClusterPolicy).Shadow != null, "no shadow in the list");
            ShadowReport shadow = await client.GetShadowAsync(PluginSlots.ClusterPolicy);
            for (int wait = 0; shadow.Compared == 0 && wait < 100; wait++, shadow = await client.GetShadowAsync(PluginSlots.ClusterPolicy))
                await Task.Delay(100);
            Check.Equal(1L, shadow.Compared, "compared");
            Check.Equal(shadow.Different, (long)shadow.Examples.Count(example => example.Active.StartsWith("{", StringComparison.Ordinal)), "examples");
            await client.EndShadowAsync(PluginSlots.ClusterPolicy);
            await Check.ThrowsAsync<AiWorkerNotFoundException>(() => client.GetShadowAsync(PluginSlots.ClusterPolicy), "ended");

            ReplayReport partition = await ReplayAsync(client, PluginSlots.ClusterPolicy, policy);
            Check.True(partition.Faces > 0 && partition.ClustersAfter > 0 && partition.Photos == null, "replay of a policy");
            ReplayReport description = await ReplayAsync(client, PluginSlots.Tagger, File.ReadAllBytes(Tagger));
            Check.True(description.Photos > 0 && description.Tags != null && description.Phrases != null && description.Faces == null, "replay of a tagger");

            Change change = await client.SwapPluginAsync(PluginSlots.ClusterPolicy, policy);
            Check.True(change.Changed && change.Active.Digest != change.Previous.Digest, "swap");
            Check.True(change.Trial.Tried > 0 && !change.Trial.TimedOut && change.Trial.Problem == null, "trial");
            Change back = await client.RollBackPluginAsync(PluginSlots.ClusterPolicy);
            Check.Equal(change.Previous.Digest, back.Active.Digest, "rolled back");
            Check.True(back.Trial == null, "a trial of a rollback");
            Change untried = await client.SwapPluginUntriedAsync(PluginSlots.ClusterPolicy, policy);
            Check.True(untried.Changed && untried.Trial == null, "swap without a trial");
            await client.RollBackPluginAsync(PluginSlots.ClusterPolicy);
            AuditPage audit = await client.ListAuditEntriesAsync(null, 1000);
            Check.Equal(audit.Latest, audit.Next, "latest entry");
            Check.True(audit.Entries.Any(entry => entry.Event == AuditEvents.Merged && entry.ClusterIds.Count == 3), "no merge in the audit log");
            Check.Equal(AuditEvents.RolledBack, audit.Entries.Last().Event, "last entry");
            Check.Equal("127.0.0.1", audit.Entries.Last().Address, "address");
            await Check.ThrowsAsync<AiWorkerConflictException>(() => client.RollBackPluginAsync(PluginSlots.ClusterPolicy), "nothing before");
        }

        private static async Task<ReplayReport> ReplayAsync(AiWorkerClient client, string slot, byte[] component)
        {
            ReplayStatus status = await client.StartReplayAsync(slot, component);
            for (int wait = 0; status.Report == null && wait < 600; wait++, status = await client.GetReplayAsync(slot))
            {
                Check.Equal(null, status.Error, "replay");
                await Task.Delay(100);
            }
            Check.Equal(slot, status.Report?.Slot, "slot");
            return status.Report;
        }

        private static AiWorkerClient Client(Worker worker, HttpMessageHandler handler) => new AiWorkerClient(
            new HttpClient(handler, false) { Timeout = Timeout.InfiniteTimeSpan },
            new AiWorkerClientOptions { BaseAddress = worker.Address, ApiKey = Worker.ApiKey, AdminKey = Worker.AdminKey });
    }

    /// <summary>A call that the worker refuses, and how.</summary>
    internal sealed class Refusal
    {
        internal Refusal(string code, Type type, Func<Task> call)
        {
            Code = code;
            Type = type;
            Call = call;
        }

        internal string Code { get; }

        internal Type Type { get; }

        internal Func<Task> Call { get; }
    }

    /// <summary>Remembers which requests were answered with success, and loses answers when it is told to.</summary>
    internal sealed class Recorder : DelegatingHandler
    {
        private bool _loses;

        internal Recorder() : base(new HttpClientHandler()) { }

        internal ConcurrentQueue<(string Method, string Path)> Answered { get; } = new ConcurrentQueue<(string, string)>();

        /// <summary>The JSON that each of these was answered with.</summary>
        internal ConcurrentQueue<(string Method, string Path, byte[] Json)> Answers { get; } =
            new ConcurrentQueue<(string, string, byte[])>();

        internal string LastRequestId { get; private set; }

        internal string LastKey { get; private set; }

        /// <summary>The worker gets the next request, and its answer gets lost.</summary>
        internal void LoseNextAnswer() => _loses = true;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            LastRequestId = request.Headers.GetValues("X-Request-Id").Single();
            LastKey = request.Headers.TryGetValues("Idempotency-Key", out IEnumerable<string> keys) ? keys.Single() : null;
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
                Answered.Enqueue((request.Method.Method, request.RequestUri.AbsolutePath));
            if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == "application/json")
            {
                await response.Content.LoadIntoBufferAsync();
                Answers.Enqueue((request.Method.Method, request.RequestUri.AbsolutePath, await response.Content.ReadAsByteArrayAsync()));
            }
            if (!_loses)
                return response;
            _loses = false;
            response.Dispose();
            throw new HttpRequestException("The answer was lost.");
        }
    }
}
