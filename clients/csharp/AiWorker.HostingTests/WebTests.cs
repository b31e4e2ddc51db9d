using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Tasks;
using AiWorker.Client;
using AiWorker.SampleBackend;
using AiWorker.SampleWeb;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiWorker.Tests
{
    /// <summary>The web sample over HTTP.</summary>
    internal static class WebTests
    {
        [Test]
        private static async Task Photos_are_described_in_the_background_and_merges_reach_a_worker_that_was_down()
        {
            using (Worker worker = await Worker.StartAsync())
            using (PhotoServer photos = PhotoServer.Start(IPAddress.Loopback))
            await using (Web web = await Web.StartAsync(worker.Address, Worker.ApiKey))
            {
                string obama = photos.Add(Path.Combine(Worker.Samples, "obama.jpg")), biden = photos.Add(Path.Combine(Worker.Samples, "biden.jpg"));
                JsonElement first = await web.TakeInAsync(obama), second = await web.TakeInAsync(biden);
                Guid one = Person(await web.DescribedAsync(first)), two = Person(await web.DescribedAsync(second));
                Check.True(one != two, "two men are one person");
                JsonElement described = await web.GetAsync("/photos/" + Id(first));
                Check.True(described.GetProperty("context").GetString().StartsWith("Potret", StringComparison.Ordinal), described.ToString());
                Check.True(described.GetProperty("tags").GetArrayLength() > 0, described.ToString());
                HttpResponseMessage picture = await web.Http.GetAsync("/people/" + one + "/picture");
                Check.Equal("image/jpeg", picture.Content.Headers.ContentType?.MediaType, "picture");
                Check.Equal(0xff, (int)(await picture.Content.ReadAsByteArrayAsync())[0], "first byte");

                worker.Kill();
                Check.Equal(HttpStatusCode.OK, (await web.Http.PostAsync("/people/" + one + "/merge-into/" + two, null)).StatusCode, "merge");
                Check.Equal(1, (await web.GetAsync("/people")).GetArrayLength(), "people here");
                Check.Equal(
                    HttpStatusCode.ServiceUnavailable, (await web.Http.GetAsync("/people/" + two + "/picture")).StatusCode, "picture");
                await worker.RestartAsync();
                using (var http = new HttpClient())
                {
                    var client = new AiWorkerClient(http, new AiWorkerClientOptions { BaseAddress = worker.Address, ApiKey = Worker.ApiKey });
                    await Web.UntilAsync(async () => (await client.GetClusterAsync(one)).ClusterId == two, "the worker was not told of the merge");
                }
            }
        }

        [Test]
        private static async Task What_is_wrong_is_said_and_stored_nowhere()
        {
            // Nobody is there to be called.
            await using (Web web = await Web.StartAsync(new Uri("http://127.0.0.1:1"), null))
            {
                foreach (string url in new[] { null, "", "ftp://p/a.jpg", "http://", "a.jpg" })
                    Check.Equal(
                        HttpStatusCode.BadRequest, (await web.Http.PostAsJsonAsync("/photos", new { url })).StatusCode, "photo at '" + url + "'");
                Check.Equal(HttpStatusCode.NotFound, (await web.Http.GetAsync("/photos/none")).StatusCode, "photo");
                Check.Equal(
                    HttpStatusCode.BadRequest,
                    (await web.Http.PostAsync("/people/" + Guid.NewGuid() + "/merge-into/" + Guid.NewGuid(), null)).StatusCode, "merge");
                Check.Equal(0, (await web.GetAsync("/people")).GetArrayLength(), "people");
                // One that is right waits for the worker, however long it is away.
                JsonElement photo = await web.TakeInAsync("http://127.0.0.1:1/a.jpg");
                Check.Equal("waiting", (await web.GetAsync("/photos/" + Id(photo))).GetProperty("state").GetString(), "state");
            }
        }

        private static string Id(JsonElement photo) => photo.GetProperty("fileId").GetString();

        private static Guid Person(JsonElement photo) => photo.GetProperty("people").EnumerateArray().Single().GetGuid();

        /// <summary>A running web sample with a database of its own.</summary>
        private sealed class Web : IAsyncDisposable
        {
            private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

            private readonly string _folder = Path.Combine(Path.GetTempPath(), "web-" + Guid.NewGuid().ToString("N"));
            private WebApplication _app;

            internal HttpClient Http { get; private set; }

            internal static async Task<Web> StartAsync(Uri worker, string key)
            {
                var web = new Web();
                Directory.CreateDirectory(web._folder);
                web._app = SampleWeb.Program.Build(new[]
                {
                    "--urls", "http://127.0.0.1:0", "--contentRoot", web._folder, "--AiWorker:BaseAddress", worker.ToString(),
                    "--AiWorker:ApiKey", key ?? "", "--AiWorker:MaxAttempts", "1",
                    "--Backend:Database", Path.Combine(web._folder, "backend.db"), "--Backend:SyncSeconds", "0.5",
                }, builder => builder.Logging.SetMinimumLevel(LogLevel.Error));
                await web._app.StartAsync();
                web.Http = new HttpClient { BaseAddress = new Uri(web._app.Urls.Single()) };
                return web;
            }

            internal async Task<JsonElement> TakeInAsync(string url)
            {
                HttpResponseMessage response = await Http.PostAsJsonAsync("/photos", new { url });
                Check.Equal(HttpStatusCode.Accepted, response.StatusCode, url);
                var photo = await response.Content.ReadFromJsonAsync<JsonElement>();
                Check.Equal("/photos/" + Id(photo), response.Headers.Location?.ToString(), "location");
                return photo;
            }

            internal async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(path);

            internal async Task<JsonElement> DescribedAsync(JsonElement photo)
            {
                JsonElement now = photo;
                await UntilAsync(async () =>
                {
                    now = await GetAsync("/photos/" + Id(photo));
                    return now.GetProperty("state").GetString() == "described";
                }, "not described: " + photo);
                return now;
            }

            internal static async Task UntilAsync(Func<Task<bool>> holds, string what)
            {
                DateTime end = DateTime.UtcNow + Limit;
                while (!await holds())
                {
                    Check.True(DateTime.UtcNow < end, what);
                    await Task.Delay(100);
                }
            }

            public async ValueTask DisposeAsync()
            {
                Http?.Dispose();
                await _app.StopAsync();
                await _app.DisposeAsync();
                Directory.Delete(_folder, true);
            }
        }
    }
}
