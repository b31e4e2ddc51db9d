using System;
using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Threading;
using AiWorker.Client;

[assembly: InternalsVisibleTo("AiWorker.SampleWeb")]
[assembly: InternalsVisibleTo("AiWorker.HostingTests")]
[assembly: InternalsVisibleTo("AiWorker.Tests")]

namespace AiWorker.SampleBackend
{
    internal static class Program
    {
        private static int Main(string[] arguments)
        {
            Settings settings;
            try
            {
                settings = Settings.FromEnvironment();
            }
            catch (FormatException error)
            {
                Console.Error.WriteLine(error.Message);
                return 2;
            }
            var options = new AiWorkerClientOptions { BaseAddress = settings.Worker, ApiKey = settings.ApiKey };
            // The client has a limit of its own for each attempt.
            using (var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan })
                return new CommandLine(settings, new AiWorkerClient(http, options), Console.Out)
                    .RunAsync(arguments, CancellationToken.None).GetAwaiter().GetResult();
        }
    }
}
