using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiWorker.Tests
{
    /// <summary>The client from a container.</summary>
    internal static class RegistrationTests
    {
        [Test]
        private static async Task A_key_that_is_changed_between_two_calls_is_sent_with_the_second()
        {
            using (var server = new ScriptedServer(Reply.Json(200, Scripted.Answer)))
            {
                IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string>
                {
                    ["AiWorker:BaseAddress"] = server.Address.ToString(), ["AiWorker:ApiKey"] = "first", ["AiWorker:MaxAttempts"] = "1",
                    ["AiWorker:AttemptTimeout"] = "00:00:20",
                }).Build();
                var services = new ServiceCollection();
                services.Configure<AiWorkerClientOptions>(configuration.GetSection("AiWorker"));
                services.AddAiWorkerClient();
                using (ServiceProvider provider = services.BuildServiceProvider(true))
                {
                    var client = provider.GetRequiredService<IAiWorkerClient>();
                    await client.ProcessAsync("a", "http://p/a.jpg");
                    configuration["AiWorker:ApiKey"] = "second";
                    configuration.Reload();
                    await client.ProcessAsync("b", "http://p/b.jpg");
                    Check.Same(new[] { "first", "second" }, server.Requests.Select(request => request.Header("X-API-Key")), "keys");
                    Check.True(client == provider.GetRequiredService<AiWorkerClient>(), "two clients");
                }
            }
        }

        [Test]
        private static async Task A_service_may_give_the_key()
        {
            using (var server = new ScriptedServer(Reply.Problem(503, "not_ready"), Reply.Json(200, Scripted.Answer), Reply.Json(200, "{}")))
            {
                var services = new ServiceCollection();
                services.AddSingleton<Vault>();
                services.AddAiWorkerClient((provider, options) =>
                {
                    options.BaseAddress = server.Address;
                    options.RetryDelay = TimeSpan.FromMilliseconds(10);
                    options.ApiKeyProvider = provider.GetRequiredService<Vault>().KeyAsync;
                    options.AdminKey = "admin";
                });
                using (ServiceProvider provider = services.BuildServiceProvider(true))
                {
                    var client = provider.GetRequiredService<IAiWorkerClient>();
                    await client.ProcessAsync("a", "http://p/a.jpg");
                    await Check.ThrowsAsync<AiWorkerAnswerException>(() => client.ListAuditEntriesAsync(), "no audit log");
                    Check.Same(new[] { "key 1", "key 2", "key 3" }, server.Requests.Select(request => request.Header("X-API-Key")), "keys");
                    Check.Same(new[] { null, null, "admin" }, server.Requests.Select(request => request.Header("X-Admin-Key")), "admin keys");
                }
            }
        }

        [Test]
        private static async Task The_factory_makes_each_client_and_no_key_is_logged()
        {
            using (var server = new ScriptedServer(Reply.Problem(503, "not_ready"), Reply.Json(200, Scripted.Answer)))
            {
                var log = new Logged();
                var handler = new Counter();
                var services = new ServiceCollection();
                services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
                services.AddTransient(_ => handler);
                services.AddAiWorkerClient(options =>
                {
                    options.BaseAddress = server.Address;
                    options.RetryDelay = TimeSpan.FromMilliseconds(10);
                    options.ApiKey = "a-secret";
                    options.AdminKey = "another-secret";
                }).AddHttpMessageHandler<Counter>().SetHandlerLifetime(TimeSpan.FromMinutes(1));
                using (ServiceProvider provider = services.BuildServiceProvider(true))
                {
                    var client = provider.GetRequiredService<IAiWorkerClient>();
                    await client.ProcessAsync("a", "http://p/a.jpg");
                    await Check.ThrowsAsync<AiWorkerAnswerException>(() => client.ListAuditEntriesAsync(), "no audit log");
                    Check.Equal(3, handler.Count, "attempts that went through the handler");
                    // From .NET 9 on every header is left out of the log unless somebody says which; on .NET 8 none is.
                    Func<string, bool> isSecret = provider.GetRequiredService<IOptionsMonitor<HttpClientFactoryOptions>>()
                        .Get(AiWorkerServiceCollectionExtensions.HttpClientName).ShouldRedactHeaderValue;
                    Check.Same(
                        new[] { true, true, false }, new[] { "x-api-key", "X-Admin-Key", "X-Request-Id" }.Select(isSecret), "headers left out");
                    using (HttpClient http = provider.GetRequiredService<IHttpClientFactory>().CreateClient(
                        AiWorkerServiceCollectionExtensions.HttpClientName))
                        Check.Equal(Timeout.InfiniteTimeSpan, http.Timeout, "time limit of the HttpClient");
                }
                Check.True(log.Lines.Any(line => line.Contains("X-API-Key")), "the headers are not logged at all");
                Check.Same(new string[0], log.Lines.Where(line => line.Contains("secret")), "lines with a key");
            }
        }

        [Test]
        private static async Task Something_else_may_take_its_place_and_mistakes_are_named()
        {
            var services = new ServiceCollection();
            services.AddAiWorkerClient(options => options.MaxAttempts = 0);
            using (ServiceProvider provider = services.BuildServiceProvider(true))
            {
                var error = await Check.ThrowsAsync<ArgumentOutOfRangeException>(
                    () => Task.FromResult(provider.GetRequiredService<IAiWorkerClient>()), "an option that is out of range");
                Check.True(error.Message.Contains("MaxAttempts"), error.Message);
            }
            await Check.ThrowsAsync<ArgumentNullException>(
                () => Task.FromResult(services.AddAiWorkerClient((Action<IServiceProvider, AiWorkerClientOptions>)null)), "null");
            var other = new AiWorkerClient(new HttpClient(), new AiWorkerClientOptions { BaseAddress = new Uri("http://other") });
            services = new ServiceCollection();
            services.AddSingleton<IAiWorkerClient>(other);
            services.AddAiWorkerClient();
            using (ServiceProvider provider = services.BuildServiceProvider(true))
                Check.True(provider.GetRequiredService<IAiWorkerClient>() == other, "what was registered before is not there any more");
        }

        /// <summary>Gives another key each time.</summary>
        private sealed class Vault
        {
            private int _given;

            internal Task<string> KeyAsync(CancellationToken cancellationToken) => Task.FromResult("key " + ++_given);
        }

        private sealed class Counter : DelegatingHandler
        {
            private readonly ConcurrentQueue<Uri> _sent = new ConcurrentQueue<Uri>();

            internal int Count => _sent.Count;

            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                _sent.Enqueue(request.RequestUri);
                return base.SendAsync(request, cancellationToken);
            }
        }

        private sealed class Logged : ILoggerProvider, ILogger
        {
            internal ConcurrentQueue<string> Lines { get; } = new ConcurrentQueue<string>();

            public ILogger CreateLogger(string category) => this;

            public IDisposable BeginScope<TState>(TState state) => null;

            public bool IsEnabled(LogLevel level) => true;

            public void Log<TState>(LogLevel level, EventId id, TState state, Exception error, Func<TState, Exception, string> text) =>
                Lines.Enqueue(text(state, error));

            public void Dispose() { }
        }
    }
}
