#if NET8_0_OR_GREATER
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>Batches and lists by <c>await foreach</c>, on a scripted server.</summary>
    internal static class StreamTests
    {
        private static readonly string Cluster =
            "{\"cluster_id\":\"00000000-0000-4000-8000-00000000000#\",\"faces\":1,\"photos\":1,\"thumbnail\":\"/t\",\"hidden\":false," +
            "\"provisional\":false,\"representative_face_id\":\"00000000-0000-4000-8000-000000000001\"}";

        private static Reply Page(string next, params int[] clusters) => Reply.Json(
            200, "{\"clusters\":[" + string.Join(",", clusters.Select(number => Cluster.Replace("#", number.ToString()))) + "],\"next\":" + next +
            ",\"next_key\":null}");

        private static string Id(int number) => "00000000-0000-4000-8000-00000000000" + number;

        [Test]
        private static async Task Pages_are_asked_for_when_they_are_needed()
        {
            using (var server = new ScriptedServer(Page("\"" + Id(2) + "\"", 1, 2), Page("\"" + Id(3) + "\""), Page("null", 3)))
            {
                var seen = new List<string>();
                var requests = new List<int>();
                await foreach (ClusterAnswer cluster in Scripted.Client(server).AllClustersAsync(hidden: false, pageSize: 2))
                {
                    seen.Add(cluster.ClusterId.ToString());
                    requests.Add(server.Requests.Count);
                }
                Check.Same(new[] { Id(1), Id(2), Id(3) }, seen, "clusters");
                // The second page is empty and not the last.
                Check.Same(new[] { 1, 1, 3 }, requests, "requests");
                Check.Same(new[]
                {
                    "/api/clusters?sort=id&hidden=false&limit=2", "/api/clusters?sort=id&hidden=false&after=" + Id(2) + "&limit=2",
                    "/api/clusters?sort=id&hidden=false&after=" + Id(3) + "&limit=2",
                }, server.Requests.Select(request => request.Target), "paths");
            }
        }

        [Test]
        private static async Task Who_stops_early_asks_for_no_more()
        {
            using (var server = new ScriptedServer(Page("\"" + Id(2) + "\"", 1, 2)))
            {
                await foreach (ClusterAnswer cluster in Scripted.Client(server).AllClustersAsync())
                    break;
                Check.Equal(1, server.Requests.Count, "requests");
            }
        }

        [Test]
        private static async Task Pages_can_be_cancelled_in_the_middle()
        {
            using (var server = new ScriptedServer(Page("\"" + Id(2) + "\"", 1, 2), new Reply().ThenWait(new TaskCompletionSource<bool>().Task)))
            using (var cancel = new CancellationTokenSource())
            {
                int seen = 0;
                await Check.ThrowsAsync<OperationCanceledException>(async () =>
                {
                    await foreach (ClusterAnswer cluster in Scripted.Client(server).AllClustersAsync().WithCancellation(cancel.Token))
                        if (++seen == 2)
                            cancel.CancelAfter(200);
                }, "cancelled");
                Check.Equal(2, seen, "clusters");
                Check.Equal(2, server.Requests.Count, "requests");
            }
        }

        [Test]
        private static async Task A_failure_is_thrown_after_what_came_before_it()
        {
            using (var server = new ScriptedServer(Page("\"" + Id(2) + "\"", 1, 2), Reply.Problem(404, "unknown_cluster")))
            {
                int seen = 0;
                await Check.ThrowsAsync<AiWorkerNotFoundException>(async () =>
                {
                    await foreach (ClusterAnswer cluster in Scripted.Client(server).AllClustersAsync())
                        seen++;
                }, "second page");
                Check.Equal(2, seen, "clusters");
            }
        }

        [Test]
        private static async Task Changes_are_listed_up_to_the_latest()
        {
            string change = "{\"position\":#,\"at\":1,\"kind\":\"face\",\"face_id\":null,\"from_cluster_id\":null,\"to_cluster_id\":null}";
            using (var server = new ScriptedServer(
                Reply.Json(200, "{\"changes\":[" + change.Replace("#", "8") + "],\"next\":8,\"latest\":9}"),
                Reply.Json(200, "{\"changes\":[" + change.Replace("#", "9") + "],\"next\":9,\"latest\":9}")))
            {
                var seen = new List<long>();
                await foreach (PeopleChange each in Scripted.Client(server).AllChangesAsync(7, 1))
                    seen.Add(each.Position);
                Check.Same(new[] { 8L, 9L }, seen, "changes");
                Check.Same(
                    new[] { "/api/changes?after=7&limit=1", "/api/changes?after=8&limit=1" }, server.Requests.Select(request => request.Target), "paths");
            }
        }

        [Test]
        private static async Task A_batch_is_a_stream_that_can_be_cancelled_in_the_middle()
        {
            string first = "{\"index\":0," + Scripted.Answer.Substring(1) + "\n";
            ProcessRequest[] photos = { new ProcessRequest("a", "http://p/a.jpg"), new ProcessRequest("b", "http://p/b.jpg") };
            using (var server = new ScriptedServer(
                Reply.Whole(200, "application/x-ndjson", first + first.Replace("\"index\":0", "\"index\":1"))))
            {
                var seen = new List<long>();
                await foreach (BatchResult result in Scripted.Client(server).ProcessEachAsync(photos, true))
                    seen.Add(result.Index);
                Check.Same(new[] { 0L, 1L }, seen, "results");
                Check.Equal("/api/process/batch?details=true", server.Requests.Single().Target, "path");
            }
            using (var server = new ScriptedServer(
                new Reply().Then(Reply.ChunkedHead("application/x-ndjson")).Then(Reply.Chunk(first)).ThenWait(new TaskCompletionSource<bool>().Task)))
            using (var cancel = new CancellationTokenSource())
            {
                int seen = 0;
                await Check.ThrowsAsync<OperationCanceledException>(async () =>
                {
                    await foreach (BatchResult result in Scripted.Client(server).ProcessEachAsync(photos, false, cancel.Token))
                    {
                        seen++;
                        cancel.CancelAfter(200);
                    }
                }, "cancelled");
                Check.Equal(1, seen, "results");
                Check.Equal(1, server.Requests.Count, "requests");
            }
        }
    }
}
#endif
