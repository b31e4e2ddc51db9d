using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>Answers and exceptions as those make them who stand in for a worker.</summary>
    internal static class MakingTests
    {
        [Test]
        private static Task A_problem_is_the_exception_that_the_client_throws()
        {
            foreach ((HttpStatusCode Status, string Code, Type Type) at in new[]
            {
                (HttpStatusCode.BadRequest, ProblemCodes.InvalidImageUrl, typeof(AiWorkerPhotoException)),
                ((HttpStatusCode)422, ProblemCodes.PhotoNotAnImage, typeof(AiWorkerPhotoException)),
                (HttpStatusCode.Unauthorized, ProblemCodes.WrongApiKey, typeof(AiWorkerAccessException)),
                (HttpStatusCode.NotFound, ProblemCodes.UnknownCluster, typeof(AiWorkerNotFoundException)),
                (HttpStatusCode.Conflict, ProblemCodes.NotUndoable, typeof(AiWorkerConflictException)),
                (HttpStatusCode.ServiceUnavailable, ProblemCodes.NotReady, typeof(AiWorkerUnavailableException)),
                (HttpStatusCode.BadRequest, ProblemCodes.InvalidValue, typeof(AiWorkerProblemException)),
            })
            {
                AiWorkerProblemException made = AiWorkerProblemException.Create(at.Status, at.Code, "No.", TimeSpan.FromSeconds(1.5), "r");
                Check.Equal(at.Type, made.GetType(), at.Code);
                Check.Equal("No. (" + at.Code + ", request r)", made.Message, "message");
                Check.Equal(at.Status, made.Status, "status");
                Check.Equal<TimeSpan?>(TimeSpan.FromSeconds(1.5), made.RetryAfter, "wait");
                Check.Equal<long?>(2, made.Problem.RetryAfter, "seconds");
            }
            Check.True(Guid.TryParse(AiWorkerProblemException.Create(HttpStatusCode.NotFound, "x").RequestId, out _), "request");
            var problem = new Problem { Code = "c", Detail = "d", RequestId = "r", Status = 404 };
            foreach (AiWorkerProblemException made in new[]
            {
                new AiWorkerProblemException(problem), new AiWorkerPhotoException(problem), new AiWorkerAccessException(problem),
                new AiWorkerNotFoundException(problem), new AiWorkerConflictException(problem), new AiWorkerUnavailableException(problem),
            })
                Check.True(made.Problem == problem && made.RequestId == "r" && made.RetryAfter == null, made.GetType().Name);
            var cause = new IOException();
            Check.True(new AiWorkerConnectionException("m", "r", cause).InnerException == cause, "cause");
            Check.Equal("m", new AiWorkerTimeoutException("m").Message, "message");
            Check.Equal(HttpStatusCode.BadGateway, new AiWorkerAnswerException("m", HttpStatusCode.BadGateway).Status, "status");
            return Task.CompletedTask;
        }

        [Test]
        private static async Task A_batch_can_be_made_of_results()
        {
            AiWorkerProblemException busy = AiWorkerProblemException.Create(HttpStatusCode.ServiceUnavailable, ProblemCodes.PhotoSourceBusy);
            using (var batch = new BatchReader(new[] { new BatchResult(0, "a", new ProcessAnswer { FileId = "a" }), new BatchResult(1, "b", busy) }, "r"))
            {
                Check.Equal("r", batch.RequestId, "request");
                BatchResult first = await batch.ReadAsync(), second = await batch.ReadAsync();
                Check.True(first.Answer.FileId == "a" && first.Problem == null && first.Index == 0, "first");
                Check.True(second.Problem == busy && second.Answer == null && second.FileId == "b" && second.Index == 1, "second");
                Check.True(await batch.ReadAsync() == null, "a result after the last");
            }
            using (var batch = new BatchReader(new BatchResult[0]))
                await Check.ThrowsAsync<OperationCanceledException>(() => batch.ReadAsync(new CancellationToken(true)), "cancelled");
        }

        [Test]
        private static Task Pictures_can_be_made_of_bytes()
        {
            var content = new MemoryStream(new byte[] { 1 });
            using (var thumbnail = new Thumbnail(content, Scripted.One))
                Check.True(thumbnail.Content == content && thumbnail.ClusterId == Scripted.One, "thumbnail");
            Check.True(!content.CanRead, "the content is not disposed");
            using (var picture = new PhotoPicture(new MemoryStream(new byte[] { 2 })))
                Check.Equal(2, picture.Content.ReadByte(), "picture");
            return Task.CompletedTask;
        }

        [Test]
        private static Task Lists_are_read_only_lists_for_who_reads_them()
        {
            var answer = new ProcessAnswer();
            Check.True(answer.FileId == "" && answer.Faces.Count == 0 && answer.Degraded.Count == 0 && answer.Details == null, "empty");
            string[] array = { "a", "b" };
            answer.Tags = array;
            IReadOnlyList<string> read = answer.Tags;
            IList<string> written = answer.Tags;
            array[0] = "c";
            written.Add("d");
            Check.Same(new[] { "a", "b", "d" }, read, "tags");
            answer.Tags = new List<string> { "e" };
            Check.Equal("e", answer.Tags.Single(), "tag");
            Check.Equal(3, new AnswerList<int>(Enumerable.Range(0, 3)).Count, "numbers");
            return Task.CompletedTask;
        }

        [Test]
        private static Task Seconds_and_texts_are_points_in_time()
        {
            var moment = new DateTimeOffset(2026, 12, 1, 9, 30, 15, TimeSpan.FromHours(7));
            var change = new PeopleChange { At = 1796092215 };
            Check.Equal(moment.UtcDateTime, change.AtTime.UtcDateTime, "of seconds");
            change.AtTime = moment.AddHours(1);
            Check.Equal(1796095815L, change.At, "to seconds");
            Check.Equal<DateTimeOffset?>(null, new JobReport().EndedAtTime, "not ended");
            Check.Equal<long?>(1796092215, new JobReport { EndedAtTime = moment }.EndedAt, "ended");
            // As many digits as the worker writes.
            foreach ((string Text, long Ticks) at in new[]
            {
                ("2026-12-01T02:30:15Z", 0L), ("2026-12-01T02:30:15.5Z", 5000000L), ("2026-12-01T02:30:15.123456789Z", 1234568L),
                ("2026-12-01T09:30:15.1234567+07:00", 1234567L),
            })
            {
                long apart = (new AuditEntry { At = at.Text }.AtTime - moment).Ticks - at.Ticks;
                Check.True(Math.Abs(apart) <= 1, at.Text + " is off by " + apart + " ticks");
            }
            Check.Equal("2026-12-01T02:30:15Z", new BackupStatus { StartedTime = moment }.Started, "text");
            Check.Equal("2026-12-01T02:30:15.25Z", new SlotReport { SinceTime = moment.AddMilliseconds(250) }.Since, "text with a fraction");
            Check.Equal<DateTimeOffset?>(null, new SlotReport().SinceTime, "never");
            return Check.ThrowsAsync<FormatException>(() => Task.FromResult(new AuditEntry { At = "yesterday" }.AtTime), "no time");
        }

        [Test]
        private static async Task Addresses_may_be_Uris()
        {
            var address = new Uri("https://photos.example/foto keluarga/\u5199.jpg?a=1#end");
            string text = "https://photos.example/foto%20keluarga/%E5%86%99.jpg?a=1#end";
            using (var server = new ScriptedServer(Reply.Problem(404, "unknown_file")))
            {
                AiWorkerClient client = Scripted.Client(server);
                foreach (Func<Task> call in new Func<Task>[]
                {
                    () => client.ProcessAsync("a", address), () => client.IdentifyAsync(address, 3), () => client.CompareAsync(address, address),
                    () => client.ProcessBatchAsync(new[] { new ProcessRequest("a", address) }),
                })
                    await Check.ThrowsAsync<AiWorkerNotFoundException>(call, "call");
                Check.Same(new[]
                {
                    "/api/process {\"file_id\":\"a\",\"image_url\":\"" + text + "\"}", "/api/identify?people=3 {\"image_url\":\"" + text + "\"}",
                    "/api/compare {\"image_urls\":[\"" + text + "\",\"" + text + "\"]}",
                    "/api/process/batch {\"photos\":[{\"file_id\":\"a\",\"image_url\":\"" + text + "\"}]}",
                }, server.Requests.Select(request => request.Target + " " + request.Body.Replace("\\/", "/")), "requests");
                await Check.ThrowsAsync<ArgumentException>(() => client.ProcessAsync("a", new Uri("a.jpg", UriKind.Relative)), "relative");
                await Check.ThrowsAsync<ArgumentNullException>(() => client.ProcessAsync("a", (Uri)null), "null");
            }
        }
    }
}
