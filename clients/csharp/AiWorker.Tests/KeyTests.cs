using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>Keys that change while the program runs, and clients from a factory.</summary>
    internal static class KeyTests
    {
        [Test]
        private static async Task A_key_is_asked_for_before_every_attempt()
        {
            using (var server = new ScriptedServer(Reply.Problem(503, "not_ready"), Reply.Json(200, Scripted.Answer)))
            {
                int asked = 0, admin = 0;
                AiWorkerClient client = Scripted.Client(server, options =>
                {
                    options.ApiKey = "unused";
                    options.ApiKeyProvider = token => Task.FromResult("key " + ++asked);
                    options.AdminKeyProvider = token => Task.FromResult("admin " + ++admin);
                });
                await client.ProcessAsync("a", "http://p/a.jpg");
                await client.ProcessAsync("b", "http://p/b.jpg");
                Check.Same(new[] { "key 1", "key 2", "key 3" }, server.Requests.Select(request => request.Header("X-API-Key")), "keys");
                Check.Equal(0, admin, "calls that needed no admin key asked for it");
                await Check.ThrowsAsync<AiWorkerAnswerException>(() => client.ListAuditEntriesAsync(), "no audit log");
                Check.Equal("admin 1", server.Requests.Last().Header("X-Admin-Key"), "admin key");
            }
        }

        [Test]
        private static async Task A_key_that_is_none_now_is_not_sent()
        {
            foreach (string none in new[] { null, "" })
                using (var server = new ScriptedServer(Reply.Json(200, Scripted.Answer)))
                {
                    await Scripted.Client(server, options => options.ApiKeyProvider = token => Task.FromResult(none)).ProcessAsync("a", "http://p/a.jpg");
                    await Scripted.Client(server, options => options.ApiKey = none).ProcessAsync("a", "http://p/a.jpg");
                    Check.Same(new string[] { null, null }, server.Requests.Select(request => request.Header("X-API-Key")), "keys");
                }
        }

        [Test]
        private static async Task What_a_provider_throws_ends_the_call()
        {
            using (var server = new ScriptedServer(Reply.Json(200, Scripted.Answer)))
            using (var cancel = new CancellationTokenSource())
            {
                // No failure of the worker, although a connection to it could fail with the same.
                AiWorkerClient client = Scripted.Client(server, options => options.ApiKeyProvider = token => throw new IOException("no vault"));
                await Check.ThrowsAsync<IOException>(() => client.ProcessAsync("a", "http://p/a.jpg"), "provider");
                client = Scripted.Client(server, options => options.ApiKeyProvider = async token =>
                {
                    cancel.Cancel();
                    await Task.Delay(Timeout.Infinite, token);
                    return "never";
                });
                await Check.ThrowsAsync<OperationCanceledException>(
                    () => client.ProcessBatchAsync(new[] { new ProcessRequest("a", "http://p/a.jpg") }, false, cancel.Token), "cancelled");
                Check.Equal(0, server.Requests.Count, "requests");
            }
        }

        [Test]
        private static async Task A_factory_is_asked_before_every_attempt()
        {
            using (var server = new ScriptedServer(Reply.Problem(503, "not_ready"), Reply.Json(200, Scripted.Answer)))
            {
                var given = new List<HttpClient>();
                AiWorkerClient client = AiWorkerClient.FromFactory(() =>
                {
                    given.Add(new HttpClient());
                    return given.Last();
                }, Scripted.Options(server.Address));
                Check.Equal(0, given.Count, "asked before a call");
                await client.ProcessAsync("a", "http://p/a.jpg");
                Check.Equal(2, given.Count, "clients");
                await client.ProcessAsync("b", "http://p/b.jpg");
                Check.Equal(3, given.Count, "clients");
                given.ForEach(each => each.Dispose());
            }
        }

        [Test]
        private static Task A_copy_of_options_has_all_of_them()
        {
            var options = new AiWorkerClientOptions
            {
                BaseAddress = new Uri("http://w"), ApiKey = "a", AdminKey = "b", ApiKeyProvider = token => null, AdminKeyProvider = token => null,
                AttemptTimeout = TimeSpan.FromSeconds(1), MaxAttempts = 2, RetryDelay = TimeSpan.FromSeconds(3),
                MaxRetryDelay = TimeSpan.FromSeconds(4), MaxAnswerBytes = 5,
            };
            var copy = new AiWorkerClientOptions(options);
            foreach (var property in typeof(AiWorkerClientOptions).GetProperties())
            {
                Check.True(Equals(property.GetValue(options), property.GetValue(copy)), property.Name + " is not copied");
                Check.True(!Equals(property.GetValue(options), property.GetValue(new AiWorkerClientOptions())), property.Name + " is not set here");
            }
            return Task.CompletedTask;
        }
    }
}
