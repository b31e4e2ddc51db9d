using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>Attempts that fail in passing, on a scripted server.</summary>
    internal static class RetryTests
    {
        private static readonly TimeSpan TimerTolerance = TimeSpan.FromMilliseconds(50);

        [Test]
        private static async Task Busy_is_tried_again_after_the_seconds_it_asks_for()
        {
            using (var server = new ScriptedServer(Reply.Problem(429, "busy", "Retry-After: 1"), Reply.Json(200, Scripted.Answer)))
            {
                var watch = Stopwatch.StartNew();
                ProcessAnswer answer = await Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg");
                Check.Equal("Secangkir kopi", answer.Context, "context");
                Check.True(watch.Elapsed + TimerTolerance >= TimeSpan.FromSeconds(1), "waited only " + watch.Elapsed);
                ScriptedRequest[] requests = server.Requests.ToArray();
                Check.Equal(2, requests.Length, "attempts");
                foreach (string header in new[] { "Idempotency-Key", "X-Request-Id" })
                {
                    Check.True(Guid.TryParse(requests[0].Header(header), out _), header + " is no UUID");
                    Check.Equal(requests[0].Header(header), requests[1].Header(header), header);
                }
                Check.Equal(requests[0].Body, requests[1].Body, "body");
            }
        }

        [Test]
        private static async Task Busy_is_tried_again_after_the_date_it_names()
        {
            // A date has whole seconds, so that up to one of the three is lost.
            string date = DateTimeOffset.UtcNow.AddSeconds(3).ToString("r", CultureInfo.InvariantCulture);
            using (var server = new ScriptedServer(Reply.Problem(429, "busy", "Retry-After: " + date), Reply.Json(200, Scripted.Answer)))
            {
                var watch = Stopwatch.StartNew();
                await Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg");
                Check.True(watch.Elapsed > TimeSpan.FromSeconds(1.5), "waited only " + watch.Elapsed);
                Check.Equal(2, server.Requests.Count, "attempts");
            }
        }

        [Test]
        private static async Task A_busy_server_of_the_photo_is_tried_again()
        {
            using (var server = new ScriptedServer(
                Reply.Problem(503, "photo_source_busy"), Reply.Problem(503, "photo_source_busy", "Retry-After: 1"),
                Reply.Json(200, Scripted.Answer)))
            {
                var watch = Stopwatch.StartNew();
                await Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg");
                Check.True(watch.Elapsed + TimerTolerance >= TimeSpan.FromSeconds(1), "waited only " + watch.Elapsed);
                Check.Equal(3, server.Requests.Count, "attempts");
            }
            using (var server = new ScriptedServer(Reply.Problem(503, "photo_source_busy", "Retry-After: 120")))
            {
                var error = await Check.ThrowsAsync<AiWorkerPhotoException>(
                    () => Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg"), "busy");
                Check.Equal<TimeSpan?>(TimeSpan.FromSeconds(120), error.RetryAfter, "wait");
                Check.Equal(1, server.Requests.Count, "attempts");
            }
        }

        [Test]
        private static async Task A_date_that_is_over_is_no_reason_to_fail()
        {
            using (var server = new ScriptedServer(
                Reply.Problem(503, "store_unavailable", "Retry-After: Thu, 01 Jan 2015 00:00:00 GMT"), Reply.Json(200, Scripted.Answer)))
                await Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg");
        }

        [Test]
        private static async Task A_longer_wait_than_allowed_fails_at_once_and_says_how_long()
        {
            using (var server = new ScriptedServer(Reply.Problem(429, "busy", "Retry-After: 120")))
            {
                var error = await Check.ThrowsAsync<AiWorkerUnavailableException>(
                    () => Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg"), "busy");
                Check.Equal<TimeSpan?>(TimeSpan.FromSeconds(120), error.RetryAfter, "wait");
                Check.Equal(1, server.Requests.Count, "attempts");
            }
        }

        [Test]
        private static async Task Attempts_end()
        {
            using (var server = new ScriptedServer(Reply.Problem(503, "store_unavailable")))
            {
                var error = await Check.ThrowsAsync<AiWorkerUnavailableException>(
                    () => Scripted.Client(server, options => options.MaxAttempts = 3).GetClusterAsync(Scripted.One), "store");
                Check.Equal(ProblemCodes.StoreUnavailable, error.Code, "code");
                Check.Equal("from-the-worker", error.RequestId, "request");
                Check.Equal(HttpStatusCode.ServiceUnavailable, error.Status, "status");
                Check.True(error.Message.StartsWith("What happened.", StringComparison.Ordinal), error.Message);
                Check.Equal(3, server.Requests.Count, "attempts");
            }
        }

        [Test]
        private static async Task A_proxy_that_answers_503_or_429_is_tried_again()
        {
            using (var server = new ScriptedServer(
                Reply.Whole(503, "text/html", "<h1>Service Unavailable</h1>"), Reply.Whole(429, "text/plain", "slow down", "Retry-After: 1"),
                Reply.Json(200, Scripted.Answer)))
            {
                var watch = Stopwatch.StartNew();
                await Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg");
                Check.True(watch.Elapsed + TimerTolerance >= TimeSpan.FromSeconds(1), "waited only " + watch.Elapsed);
                Check.Equal(3, server.Requests.Count, "attempts");
            }
        }

        [Test]
        private static async Task Cut_answers_are_asked_for_again_under_the_same_key()
        {
            string head = Reply.Head(200, "application/json", Scripted.Merged.Length);
            using (var server = new ScriptedServer(
                new Reply(),
                new Reply().ThenReset(),
                new Reply().Then(head).Then(Scripted.Merged.Substring(0, 20)),
                new Reply().Then(head).Then(Scripted.Merged.Substring(0, 20)).ThenReset(),
                new Reply().Then(Reply.ChunkedHead("application/json")).Then(Reply.Chunk(Scripted.Merged.Substring(0, 20))),
                Reply.Json(200, Scripted.Merged)))
            {
                AiWorkerClient client = Scripted.Client(server, options => options.MaxAttempts = 6);
                Check.Equal(1L, (await client.MergeClustersAsync(new[] { Scripted.Two }, Scripted.One)).MergedCount, "faces");
                // A connection that ends before any answer may be made again below the client, by the HTTP handler.
                Check.True(server.Requests.Count >= 6, server.Requests.Count + " attempts");
                Check.Equal(1, server.Requests.Select(request => request.Header("Idempotency-Key")).Distinct().Count(), "keys");
            }
        }

        [Test]
        private static async Task A_cut_that_the_handler_does_not_notice_is_noticed()
        {
            using (var handler = new CuttingHandler())
            using (var http = new HttpClient(handler))
            {
                var client = new AiWorkerClient(http, Scripted.Options(new Uri("http://worker")));
                using (Thumbnail picture = await client.GetFaceThumbnailAsync(Scripted.One))
                    Check.Equal(9L, picture.Content.Length, "bytes");
                Check.Equal(2, handler.Requests, "attempts");
            }
        }

        [Test]
        private static async Task Nobody_at_the_address_is_a_connection_error()
        {
            Uri address;
            using (var server = new ScriptedServer(new Reply()))
                address = server.Address;
            using (var http = new HttpClient())
            {
                var error = await Check.ThrowsAsync<AiWorkerConnectionException>(
                    () => new AiWorkerClient(http, Scripted.Options(address)).GetHealthAsync(), "health");
                Check.True(Guid.TryParse(error.RequestId, out _), "request id");
            }
        }

        [Test]
        private static async Task A_key_in_use_is_tried_again_only_when_an_attempt_of_ours_uses_it()
        {
            using (var server = new ScriptedServer(Reply.Problem(409, "idempotency_key_in_use")))
            {
                await Check.ThrowsAsync<AiWorkerConflictException>(
                    () => Scripted.Client(server).MergeClustersAsync(new[] { Scripted.Two }, Scripted.One, "a key"), "in use");
                Check.Equal(1, server.Requests.Count, "attempts");
            }
            using (var server = new ScriptedServer(
                Reply.Problem(503, "store_unavailable"), Reply.Problem(409, "idempotency_key_in_use"), Reply.Json(200, Scripted.Merged)))
            {
                await Scripted.Client(server).MergeClustersAsync(new[] { Scripted.Two }, Scripted.One, "a key");
                Check.Same(new[] { "a key", "a key", "a key" }, server.Requests.Select(request => request.Header("Idempotency-Key")), "keys");
            }
        }

        [Test]
        private static async Task What_will_fail_again_is_not_tried_again()
        {
            foreach ((int Status, string Code, Type Type) at in new[]
            {
                (400, "invalid_value", typeof(AiWorkerProblemException)),
                (400, "invalid_image_url", typeof(AiWorkerPhotoException)),
                (401, "wrong_api_key", typeof(AiWorkerAccessException)),
                (403, "address_not_allowed", typeof(AiWorkerAccessException)),
                (404, "unknown_cluster", typeof(AiWorkerNotFoundException)),
                (409, "nothing_stays", typeof(AiWorkerConflictException)),
                (413, "photo_too_large", typeof(AiWorkerPhotoException)),
                (415, "photo_compressed", typeof(AiWorkerPhotoException)),
                (422, "photo_not_available", typeof(AiWorkerPhotoException)),
                (422, "photo_source_invalid", typeof(AiWorkerPhotoException)),
                (422, "plugin_refused", typeof(AiWorkerProblemException)),
                (500, "internal", typeof(AiWorkerProblemException)),
                (502, "plugin_failed", typeof(AiWorkerProblemException)),
                (504, "photo_timed_out", typeof(AiWorkerPhotoException)),
                (504, "deadline_exceeded", typeof(AiWorkerProblemException)),
                (418, "a_later_code", typeof(AiWorkerProblemException)),
            })
                using (var server = new ScriptedServer(Reply.Problem(at.Status, at.Code)))
                {
                    AiWorkerProblemException found = await Check.ProblemAsync(
                        at.Type, at.Code, () => Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg"));
                    Check.Equal(at.Status, (int)found.Status, "status");
                    Check.Equal(1, server.Requests.Count, "attempts at " + at.Code);
                }
        }

        [Test]
        private static async Task A_wait_for_another_attempt_can_be_cancelled()
        {
            using (var server = new ScriptedServer(Reply.Problem(429, "busy", "Retry-After: 20")))
            using (var cancel = new CancellationTokenSource(300))
            {
                var watch = Stopwatch.StartNew();
                await Check.ThrowsAsync<OperationCanceledException>(
                    () => Scripted.Client(server).ProcessAsync("a", "http://p/a.jpg", cancellationToken: cancel.Token), "cancelled");
                Check.True(watch.Elapsed < TimeSpan.FromSeconds(10), "took " + watch.Elapsed);
            }
        }
    }

    /// <summary>Gives the first half of a picture for a whole one, and then the whole.</summary>
    internal sealed class CuttingHandler : HttpMessageHandler
    {
        internal int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            byte[] picture = Encoding.ASCII.GetBytes("a picture");
            var content = new ByteArrayContent(picture, 0, Requests == 1 ? 4 : picture.Length);
            content.Headers.ContentLength = picture.Length;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }
    }
}
