using System;
using System.Net;
using System.Runtime.CompilerServices;
using AiWorker.Client;
using AiWorker.SampleBackend;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

[assembly: InternalsVisibleTo("AiWorker.HostingTests")]

namespace AiWorker.SampleWeb
{
    /// <summary>
    /// The sample backend behind HTTP: whoever asks is answered from its own database at once, and a background service
    /// tells the worker what waits.
    /// </summary>
    internal static class Program
    {
        private static void Main(string[] arguments) => Build(arguments).Run();

        /// <summary>
        /// The application. Its settings come from <c>appsettings.json</c>, the environment and the command line, in the sections
        /// <c>AiWorker</c> (the client's options) and <c>Backend</c>.
        /// </summary>
        /// <param name="arguments">The command line.</param>
        /// <param name="change">Changes what is registered, as tests do.</param>
        internal static WebApplication Build(string[] arguments, Action<WebApplicationBuilder>? change = null)
        {
            WebApplicationBuilder builder = WebApplication.CreateBuilder(arguments);
            IConfigurationSection backend = builder.Configuration.GetSection("Backend");
            // Read again when the file changes, so that a new key is used without a restart.
            builder.Services.Configure<AiWorkerClientOptions>(builder.Configuration.GetSection("AiWorker"));
            builder.Services.AddAiWorkerClient();
            builder.Services.AddSingleton(new BackendOptions(
                backend["Database"] ?? "backend.db", IPAddress.Parse(backend["PhotoAddress"] ?? "127.0.0.1"),
                TimeSpan.FromSeconds(backend.GetValue("SyncSeconds", 60.0))));
            builder.Services.AddScoped(provider =>
                Database.Open(SqliteProvider.Factory, provider.GetRequiredService<BackendOptions>().Database));
            builder.Services.AddSingleton<WorkerSync>();
            builder.Services.AddHostedService(provider => provider.GetRequiredService<WorkerSync>());
            change?.Invoke(builder);
            WebApplication app = builder.Build();
            // Brings the tables up to date before two connections try to at once.
            using (Database.Open(SqliteProvider.Factory, app.Services.GetRequiredService<BackendOptions>().Database)) { }
            Endpoints.Map(app);
            return app;
        }
    }

    /// <summary>Settings of this backend itself.</summary>
    /// <param name="Database">SQLite file.</param>
    /// <param name="PhotoAddress">IPv4 address of this machine under which the worker fetches imported files.</param>
    /// <param name="SyncEvery">How often the worker is asked what was changed there.</param>
    internal sealed record BackendOptions(string Database, IPAddress PhotoAddress, TimeSpan SyncEvery);
}
