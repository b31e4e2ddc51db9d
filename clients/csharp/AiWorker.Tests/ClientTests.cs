using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>What the client sends, and what it makes of bad answers, on a scripted server.</summary>
    internal static class ClientTests
    {
        private static Task Never => new TaskCompletionSource<bool>().Task;

        [Test]
        private static async Task Garbage_is_an_answer_error_and_not_tried_again()
        {
            foreach (string body in new[]
            {
                "<html>Welcome</html>", "", "null", "[]", "{}", "42", "{\"file_id\":\"a\"",
                "{\"file_id\":\"a\",\"faces\":[],\"tags\":[]}",
                "{\"file_id\":\"a\",\"faces\":{\"no\":1},\"tags\":7,\"context\":\"c\"}",
                "{\"file_id\":\"a\",\"faces\":[{\"face_id\":\"no uuid\",\"cluster_id\":\"no uuid\",\"bounding_box\":[0,0,1,1]," +
                "\"confidence\":1,\"is_new_cluster\":true,\"age\":null,\"gender\":null,\"quality\":1}],\"tags\":[],\"context\":\"c\"}",
                "{\"file_id\":\"a\",\"faces\":[{\"face_id\":\"00000000-0000-4000-8000-000000000001\"}],\"tags\":[],\"context\":\"c\"}",
                "\uFEFF" + Scripted.Answer,
            })
                using (var server = new ScriptedServer(Reply.Json(200, body)))
                {
                    var error = await Check.ThrowsAsync<AiWorkerAnswerException>(
                        () => Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg"), body);
                    Check.Equal(HttpStatusCode.OK, error.Status, body);
                    Check.Equal(1, server.Requests.Count, "attempts");
                }
        }

        [Test]
        private static async Task Bytes_that_are_no_text_are_an_answer_error()
        {
            var body = new byte[] { (byte)'{', (byte)'"', 0xff, 0xfe, (byte)'"', (byte)':', (byte)'1', (byte)'}' };
            using (var server = new ScriptedServer(new Reply().Then(Reply.Head(200, "application/json", body.Length)).Then(body)))
                await Check.ThrowsAsync<AiWorkerAnswerException>(() => Scripted.Client(server).GetHealthAsync(), "no text");
        }

        [Test]
        private static async Task An_error_page_is_an_answer_error()
        {
            foreach ((int Status, string Type, string Body) at in new[]
            {
                (502, "text/html", "<h1>Bad Gateway</h1>"), (404, "text/plain", "no"), (400, "application/problem+json", "{\"title\":\"x\"}"),
                (500, "application/json", "{}"),
            })
                using (var server = new ScriptedServer(Reply.Whole(at.Status, at.Type, at.Body)))
                {
                    var error = await Check.ThrowsAsync<AiWorkerAnswerException>(() => Scripted.Client(server).GetHealthAsync(), at.Body);
                    Check.Equal(at.Status, (int)error.Status, "status");
                }
        }

        [Test]
        private static async Task An_answer_that_does_not_come_times_out()
        {
            string head = Reply.Head(200, "application/json", Scripted.Answer.Length);
            foreach (Reply reply in new[]
            {
                new Reply().ThenWait(Never),
                new Reply().Then(head).ThenWait(Never),
                new Reply().Then(head).Then(Scripted.Answer.Substring(0, 10)).ThenWait(Never),
            })
                using (var server = new ScriptedServer(reply))
                {
                    var watch = Stopwatch.StartNew();
                    await Check.ThrowsAsync<AiWorkerTimeoutException>(
                        () => Scripted.Client(server, options => options.AttemptTimeout = TimeSpan.FromMilliseconds(400)).ProcessAsync("a", "http://p/a.jpg"),
                        "slow");
                    Check.True(watch.Elapsed < TimeSpan.FromSeconds(10), "took " + watch.Elapsed);
                    Check.Equal(1, server.Requests.Count, "attempts");
                }
        }

        [Test]
        private static async Task A_slow_answer_within_the_limit_is_read()
        {
            using (var server = new ScriptedServer(new Reply()
                .ThenWait(Task.Delay(200))
                .Then(Reply.Head(200, "application/json", Scripted.Answer.Length)).ThenWait(Task.Delay(400))
                .Then(Scripted.Answer.Substring(0, 10)).ThenWait(Task.Delay(600))
                .Then(Scripted.Answer.Substring(10))))
                Check.Equal("kopi", (await Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg")).Tags.Single(), "tag");
        }

        [Test]
        private static async Task A_caller_can_cancel()
        {
            foreach (Reply reply in new[]
            {
                new Reply().ThenWait(Never),
                new Reply().Then(Reply.Head(200, "application/json", 100)).Then("{").ThenWait(Never),
            })
                using (var server = new ScriptedServer(reply))
                using (var cancel = new CancellationTokenSource(300))
                {
                    var watch = Stopwatch.StartNew();
                    await Check.ThrowsAsync<OperationCanceledException>(
                        () => Scripted.Client(server).GetHealthAsync(cancel.Token), "cancelled");
                    Check.True(watch.Elapsed < TimeSpan.FromSeconds(10), "took " + watch.Elapsed);
                }
        }

        [Test]
        private static async Task An_answer_of_more_bytes_than_allowed_is_not_read()
        {
            using (var server = new ScriptedServer(Reply.Json(200, Scripted.Answer + new string(' ', 100000))))
            {
                var error = await Check.ThrowsAsync<AiWorkerAnswerException>(
                    () => Scripted.Client(server, options => options.MaxAnswerBytes = 1000).ProcessAsync("a", "http://p/a.jpg"), "large");
                Check.True(error.Message.Contains("MaxAnswerBytes"), error.Message);
            }
        }

        [Test]
        private static async Task Names_are_escaped_in_paths()
        {
            string json = "{\"deleted_faces\":0}";
            foreach ((string Id, string Path) at in new[]
            {
                ("a/b c?d#e%f.jpg", "/api/files/a%2Fb%20c%3Fd%23e%25f.jpg"),
                ("../../health", "/api/files/..%2F..%2Fhealth"),
                ("foto é \u5199\u771F", "/api/files/foto%20%C3%A9%20%E5%86%99%E7%9C%9F"),
                ("...", "/api/files/..."),
            })
                using (var server = new ScriptedServer(Reply.Json(200, json)))
                {
                    await Scripted.Client(server).DeleteFileAsync(at.Id);
                    Check.Equal(at.Path, server.Requests.Single().Target, at.Id);
                }
            using (var server = new ScriptedServer(Reply.Json(200, json)))
            {
                foreach (string id in new[] { "", ".", "..", null })
                    await Check.ThrowsAsync<ArgumentException>(() => Scripted.Client(server).DeleteFileAsync(id), "id '" + id + "'");
                Check.Equal(0, server.Requests.Count, "requests");
            }
        }

        [Test]
        private static async Task Keys_are_sent_where_they_are_asked_for()
        {
            string plugins = "[]";
            using (var server = new ScriptedServer(
                Reply.Json(200, plugins), Reply.Problem(404, "no_shadow"), Reply.Problem(422, "plugin_refused")))
            {
                AiWorkerClient client = Scripted.Client(server, options =>
                {
                    options.ApiKey = "api";
                    options.AdminKey = "admin";
                });
                Check.Equal(0, (await client.ListPluginsAsync()).Count, "plugins");
                await Check.ThrowsAsync<AiWorkerNotFoundException>(() => client.GetShadowAsync(PluginSlots.Tagger), "shadow");
                await Check.ThrowsAsync<AiWorkerProblemException>(
                    () => client.SwapPluginAsync(PluginSlots.Tagger, new byte[] { 1 }, "a signature\n"), "swap");
                ScriptedRequest[] requests = server.Requests.ToArray();
                Check.Same(new[] { "api", "api", "api" }, requests.Select(request => request.Header("X-API-Key")), "API keys");
                Check.Same(new[] { null, "admin", "admin" }, requests.Select(request => request.Header("X-Admin-Key")), "admin keys");
                Check.Equal("application/wasm", requests[2].Header("Content-Type"), "type");
                Check.Equal(
                    "a signature\n", Encoding.UTF8.GetString(Convert.FromBase64String(requests[2].Header("X-Plugin-Signature"))), "signature");
                Check.Equal(null, requests[0].Header("Expect"), "Expect");
            }
        }

        [Test]
        private static async Task Requests_are_as_the_worker_takes_them()
        {
            using (var server = new ScriptedServer(Reply.Problem(404, "unknown_cluster")))
            {
                AiWorkerClient client = Scripted.Client(server);
                foreach (Func<Task> call in new Func<Task>[]
                {
                    () => client.ListClustersAsync(), () => client.ListClustersAsync(Scripted.One, 7),
                    () => client.ListFacesAsync(Scripted.One, 12, 7), () => client.ConsolidateAsync(),
                    () => client.ConsolidateAsync(true, Scripted.One, 7), () => client.MoveFaceAsync(Scripted.One, null),
                    () => client.FilterClustersAsync(false, null, ClusterSorts.Faces, null, 7), () => client.HideClusterAsync(Scripted.One),
                    () => client.ListFacesByFitAsync(Scripted.One, 12), () => client.ListPairsAsync(true, "7.x", 3),
                    () => client.MarkClustersUnsureAsync(Scripted.One, Scripted.Two),
                    () => client.WithdrawClustersUnsureAsync(Scripted.One, Scripted.Two),
                })
                    await Check.ThrowsAsync<AiWorkerNotFoundException>(call, "call");
                string[] sent = server.Requests.Select(request => (request.Method + " " + request.Target + " " + request.Body).TrimEnd()).ToArray();
                Check.Same(new[]
                {
                    "GET /api/clusters",
                    "GET /api/clusters?after=00000000-0000-4000-8000-000000000001&limit=7",
                    "GET /api/clusters/00000000-0000-4000-8000-000000000001/faces?after=12&limit=7",
                    "POST /api/clusters/consolidate {\"dry_run\":false}",
                    "POST /api/clusters/consolidate {\"after\":\"00000000-0000-4000-8000-000000000001\",\"dry_run\":true,\"limit\":7}",
                    "POST /api/faces/00000000-0000-4000-8000-000000000001/move {\"cluster_id\":null}",
                    "GET /api/clusters?sort=faces&hidden=false&limit=7",
                    "PATCH /api/clusters/00000000-0000-4000-8000-000000000001 {\"hidden\":true}",
                    "GET /api/clusters/00000000-0000-4000-8000-000000000001/faces?sort=fit&after=12",
                    "GET /api/pairs?unsure=true&after=7.x&limit=3",
                    "PUT /api/clusters/00000000-0000-4000-8000-000000000001/unsure/" + Scripted.Two,
                    "DELETE /api/clusters/00000000-0000-4000-8000-000000000001/unsure/" + Scripted.Two,
                }, sent, "requests");
            }
        }

        [Test]
        private static async Task A_path_before_the_workers_own_is_kept()
        {
            foreach (string path in new[] { "/photos/worker", "/photos/worker/", "/photos/worker?x=1" })
                using (var server = new ScriptedServer(Reply.Problem(404, "unknown_cluster")))
                {
                    AiWorkerClient client = Scripted.Client(server, options => options.BaseAddress = new Uri(server.Address, path));
                    await Check.ThrowsAsync<AiWorkerNotFoundException>(() => client.GetClusterAsync(Scripted.One), "cluster");
                    Check.Equal("/photos/worker/api/clusters/" + Scripted.One, server.Requests.Single().Target, path);
                }
        }

        [Test]
        private static async Task One_client_serves_many_threads()
        {
            using (var server = new ScriptedServer(Reply.Json(200, Scripted.Answer)))
            {
                AiWorkerClient client = Scripted.Client(server);
                ProcessAnswer[] answers = await Task.WhenAll(
                    Enumerable.Range(0, 64).Select(number => Task.Run(() => client.ProcessAsync("f" + number, "http://p/a.jpg"))));
                Check.True(answers.All(answer => answer.Context == "Secangkir kopi"), "an answer differs");
                Check.Equal(64, server.Requests.Select(request => request.Header("Idempotency-Key")).Distinct().Count(), "keys");
                Check.Equal(64, server.Requests.Select(request => request.Body).Distinct().Count(), "bodies");
            }
        }

        [Test]
        private static async Task A_picture_is_a_stream_with_the_cluster_it_shows()
        {
            using (var server = new ScriptedServer(Reply.Whole(200, "image/jpeg", "a picture", "X-Cluster-Id: " + Scripted.Two)))
            using (Thumbnail thumbnail = await Scripted.Client(server).GetClusterThumbnailAsync(Scripted.One))
            {
                Check.Equal<Guid?>(Scripted.Two, thumbnail.ClusterId, "cluster");
                Check.Equal("a picture", await new StreamReader(thumbnail.Content).ReadToEndAsync(), "picture");
                Check.Equal("image/jpeg, application/problem+json", server.Requests.Single().Header("Accept"), "Accept");
            }
        }

        [Test]
        private static async Task Values_of_any_type_are_given_as_json()
        {
            string identity = "{\"name\":\"n\",\"version\":\"1\",\"digest\":\"d\",\"origin\":\"o\"}";
            string calls = "{\"calls\":1,\"failures\":0,\"busy_ms\":1.5,\"p50_us\":1500,\"p99_us\":null}";
            string report = "{\"candidate\":" + identity + ",\"compared\":1,\"different\":1,\"failed\":0,\"skipped\":0,\"calls\":" + calls +
                ",\"examples\":[{\"active\":[{\"name\":\"a \\\"b\\\"\",\"score\":0.5},null],\"candidate\":\"text\"},{\"active\":{},\"candidate\":7}]}";
            using (var server = new ScriptedServer(Reply.Json(200, report)))
            {
                ShadowReport shadow = await Scripted.Client(server).GetShadowAsync(PluginSlots.Tagger);
                Check.Equal("n", shadow.Candidate.Name, "candidate");
                Check.Same(
                    new[] { "[{\"name\":\"a \\\"b\\\"\",\"score\":0.5},null]", "\"text\"", "{}", "7" },
                    shadow.Examples.SelectMany(example => new[] { example.Active, example.Candidate }), "examples");
            }
        }

        [Test]
        private static async Task Options_out_of_their_range_are_refused()
        {
            using (var http = new System.Net.Http.HttpClient())
            {
                foreach (Action<AiWorkerClientOptions> change in new Action<AiWorkerClientOptions>[]
                {
                    options => options.MaxAttempts = 0, options => options.AttemptTimeout = TimeSpan.Zero,
                    options => options.RetryDelay = TimeSpan.FromTicks(-1), options => options.MaxRetryDelay = TimeSpan.MaxValue,
                    options => options.MaxAnswerBytes = 0,
                })
                {
                    AiWorkerClientOptions options = Scripted.Options(new Uri("http://127.0.0.1:1"));
                    change(options);
                    await Check.ThrowsAsync<ArgumentOutOfRangeException>(() => Task.FromResult(new AiWorkerClient(http, options)), "option");
                }
                await Check.ThrowsAsync<ArgumentException>(
                    () => Task.FromResult(new AiWorkerClient(http, new AiWorkerClientOptions())), "no address");
            }
        }
    }
}
