using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers the client of an ai-worker.</summary>
    public static class AiWorkerServiceCollectionExtensions
    {
        /// <summary>The name of the worker's client at the <see cref="IHttpClientFactory"/>.</summary>
        public const string HttpClientName = "AiWorker";

        /// <summary>Headers that the factory writes into no log.</summary>
        private static readonly string[] SecretHeaders = { "X-API-Key", "X-Admin-Key" };

        /// <summary>
        /// Registers <see cref="IAiWorkerClient"/>, and <see cref="AiWorkerClient"/> as the same object, for as long as the
        /// program runs. Every attempt at a call takes an <see cref="HttpClient"/> from the <see cref="IHttpClientFactory"/>,
        /// so that connections are renewed, and the keys that the options have at that moment, so that a key may be changed
        /// while the program runs. The other options are read once.
        /// </summary>
        /// <param name="services">Where it is registered.</param>
        /// <param name="configure">
        /// Sets options; null where they come from <c>Configure&lt;AiWorkerClientOptions&gt;</c>, as from a section of the
        /// configuration.
        /// </param>
        /// <returns>For handlers and further settings of the worker's <see cref="HttpClient"/>.</returns>
        public static IHttpClientBuilder AddAiWorkerClient(
            this IServiceCollection services, Action<AiWorkerClientOptions>? configure = null)
        {
            ArgumentNullException.ThrowIfNull(services);
            OptionsBuilder<AiWorkerClientOptions> options = services.AddOptions<AiWorkerClientOptions>();
            if (configure != null)
                options.Configure(configure);
            return Add(services);
        }

        /// <summary>The same, with options that need a service, such as one that knows the key of now.</summary>
        /// <param name="services">Where it is registered.</param>
        /// <param name="configure">Sets options.</param>
        /// <returns>For handlers and further settings of the worker's <see cref="HttpClient"/>.</returns>
        public static IHttpClientBuilder AddAiWorkerClient(
            this IServiceCollection services, Action<IServiceProvider, AiWorkerClientOptions> configure)
        {
            ArgumentNullException.ThrowIfNull(services);
            ArgumentNullException.ThrowIfNull(configure);
            services.AddOptions<AiWorkerClientOptions>()
                .Configure<IServiceProvider>((options, provider) => configure(provider, options));
            return Add(services);
        }

        private static IHttpClientBuilder Add(IServiceCollection services)
        {
            services.TryAddSingleton(Create);
            services.TryAddSingleton<IAiWorkerClient>(provider => provider.GetRequiredService<AiWorkerClient>());
            return services
                // The client has a limit of its own for each attempt.
                .AddHttpClient(HttpClientName, http => http.Timeout = Timeout.InfiniteTimeSpan)
                .RedactLoggedHeaders(SecretHeaders);
        }

        private static AiWorkerClient Create(IServiceProvider provider)
        {
            var factory = provider.GetRequiredService<IHttpClientFactory>();
            var monitor = provider.GetRequiredService<IOptionsMonitor<AiWorkerClientOptions>>();
            var options = new AiWorkerClientOptions(monitor.CurrentValue)
            {
                ApiKeyProvider = token => Key(monitor.CurrentValue.ApiKeyProvider, monitor.CurrentValue.ApiKey, token),
                AdminKeyProvider = token => Key(monitor.CurrentValue.AdminKeyProvider, monitor.CurrentValue.AdminKey, token),
            };
            return AiWorkerClient.FromFactory(() => factory.CreateClient(HttpClientName), options);
        }

        private static Task<string?> Key(
            Func<CancellationToken, Task<string?>>? given, string? key, CancellationToken cancellationToken) =>
            given == null ? Task.FromResult(key) : given(cancellationToken);
    }
}
