using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>Batches, on a scripted server.</summary>
    internal static class BatchTests
    {
        private static readonly ProcessRequest[] Photos =
        {
            new ProcessRequest("a", "http://p/a.jpg"), new ProcessRequest("b", "http://p/b.jpg"),
        };

        private static readonly string First = "{\"index\":0," + Scripted.Answer.Substring(1) + "\n";

        private static readonly string Second =
            "{\"index\":1,\"file_id\":\"b\",\"problem\":" + Reply.ProblemJson(422, "photo_not_available") + "}\n";

        private static Reply Head => new Reply().Then(Reply.ChunkedHead("application/x-ndjson"));

        [Test]
        private static async Task A_line_is_read_as_soon_as_it_is_there()
        {
            var readFirst = new TaskCompletionSource<bool>();
            string second = Second;
            using (var server = new ScriptedServer(Head
                .Then(Reply.Chunk(First)).ThenWait(readFirst.Task)
                .Then(Reply.Chunk(second.Substring(0, 30))).ThenWait(Task.Delay(100)).Then(Reply.Chunk(second.Substring(30)))
                .Then("0\r\n\r\n")))
            using (BatchReader batch = await Scripted.Client(server).ProcessBatchAsync(Photos, true))
            {
                BatchResult first = await batch.ReadAsync();
                readFirst.SetResult(true);
                Check.Equal(0L, first.Index, "index");
                Check.Equal("Secangkir kopi", first.Answer.Context, "context");
                Check.Equal(0, first.Answer.Degraded.Count, "degraded");
                Check.True(first.Problem == null, "a problem beside the answer");
                BatchResult failed = await batch.ReadAsync();
                Check.Equal("b", failed.FileId, "file");
                Check.True(failed.Answer == null && failed.Problem is AiWorkerPhotoException, "no photo's problem");
                Check.Equal(ProblemCodes.PhotoNotAvailable, failed.Problem.Code, "code");
                Check.True(await batch.ReadAsync() == null, "a line after the last");
                ScriptedRequest request = server.Requests.Single();
                Check.Equal("/api/process/batch?details=true", request.Target, "path");
                Check.Equal(
                    "{\"photos\":[{\"file_id\":\"a\",\"image_url\":\"http://p/a.jpg\"},{\"file_id\":\"b\",\"image_url\":\"http://p/b.jpg\"}]}",
                    request.Body.Replace("\\/", "/"), "body");
            }
        }

        [Test]
        private static async Task A_line_says_when_its_photo_is_worth_another_attempt()
        {
            string busy = Reply.ProblemJson(503, "photo_source_busy"), waits = busy.Substring(0, busy.Length - 1) + ",\"retry_after\":90}";
            using (var server = new ScriptedServer(Head
                .Then(Reply.Chunk("{\"index\":0,\"file_id\":\"a\",\"problem\":" + waits + "}\n"))
                .Then(Reply.Chunk("{\"index\":1,\"file_id\":\"b\",\"problem\":" + busy + "}\n")).Then("0\r\n\r\n")))
            using (BatchReader batch = await Scripted.Client(server).ProcessBatchAsync(Photos))
            {
                AiWorkerProblemException problem = (await batch.ReadAsync()).Problem;
                Check.Equal(ProblemCodes.PhotoSourceBusy, problem.Code, "code");
                Check.Equal<TimeSpan?>(TimeSpan.FromSeconds(90), problem.RetryAfter, "wait");
                Check.Equal<TimeSpan?>(null, (await batch.ReadAsync()).Problem.RetryAfter, "no wait");
            }
        }

        [Test]
        private static async Task A_batch_that_ends_early_is_a_connection_error_after_its_lines()
        {
            foreach (Reply reply in new[]
            {
                Head.Then(Reply.Chunk(First)).Then("0\r\n\r\n"),
                Head.Then(Reply.Chunk(First)),
                Head.Then(Reply.Chunk(First)).ThenWait(Task.Delay(200)).ThenReset(),
                Head.Then(Reply.Chunk(First)).Then(Reply.Chunk(Second.Substring(0, 20))).Then("0\r\n\r\n"),
            })
                using (var server = new ScriptedServer(reply))
                using (BatchReader batch = await Scripted.Client(server).ProcessBatchAsync(Photos))
                {
                    Check.Equal("a", (await batch.ReadAsync()).FileId, "first");
                    await Check.ThrowsAsync<AiWorkerConnectionException>(() => batch.ReadAsync(), "end");
                    Check.Equal(1, server.Requests.Count, "attempts");
                }
        }

        [Test]
        private static async Task A_line_that_does_not_come_times_out()
        {
            using (var server = new ScriptedServer(Head.Then(Reply.Chunk(First)).ThenWait(new TaskCompletionSource<bool>().Task)))
            using (BatchReader batch = await Scripted.Client(
                server, options => options.AttemptTimeout = TimeSpan.FromMilliseconds(500)).ProcessBatchAsync(Photos))
            {
                await batch.ReadAsync();
                await Check.ThrowsAsync<AiWorkerTimeoutException>(() => batch.ReadAsync(), "slow");
            }
        }

        [Test]
        private static async Task A_line_that_is_none_is_an_answer_error()
        {
            foreach (string line in new[] { "garbage\n", "\n", "{\"index\":0,\"file_id\":\"a\"}\n", new string('x', 2000) + "\n" })
                using (var server = new ScriptedServer(Head.Then(Reply.Chunk(line)).Then("0\r\n\r\n")))
                using (BatchReader batch = await Scripted.Client(server, options => options.MaxAnswerBytes = 1000).ProcessBatchAsync(Photos))
                    await Check.ThrowsAsync<AiWorkerAnswerException>(() => batch.ReadAsync(), line);
        }

        [Test]
        private static async Task A_batch_that_does_not_begin_is_tried_again()
        {
            using (var server = new ScriptedServer(
                Reply.Problem(429, "busy"), new Reply().ThenReset(), Reply.Whole(200, "application/x-ndjson", First + Second)))
            using (BatchReader batch = await Scripted.Client(server).ProcessBatchAsync(Photos))
            {
                var seen = new List<string>();
                for (BatchResult result; (result = await batch.ReadAsync()) != null;)
                    seen.Add(result.FileId);
                Check.Same(new[] { "a", "b" }, seen, "photos");
            }
        }

        [Test]
        private static async Task A_refused_batch_is_a_problem()
        {
            using (var server = new ScriptedServer(Reply.Problem(413, "batch_too_large")))
                await Check.ProblemAsync(
                    typeof(AiWorkerProblemException), ProblemCodes.BatchTooLarge, () => Scripted.Client(server).ProcessBatchAsync(Photos));
        }
    }
}
