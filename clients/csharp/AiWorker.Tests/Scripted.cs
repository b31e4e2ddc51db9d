using System;
using System.Net.Http;
using System.Threading;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>What the tests on a scripted server share.</summary>
    internal static class Scripted
    {
        internal const string Answer =
            "{\"file_id\":\"a\",\"faces\":[],\"tags\":[\"kopi\"],\"context\":\"Secangkir kopi\",\"later\":{\"field\":[1]}}";

        internal const string Merged =
            "{\"success\":true,\"merged_count\":1,\"target_cluster_id\":\"00000000-0000-4000-8000-000000000001\"}";

        internal static readonly Guid One = new Guid("00000000-0000-4000-8000-000000000001");
        internal static readonly Guid Two = new Guid("00000000-0000-4000-8000-000000000002");

        private static readonly HttpClient Http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };

        /// <summary>Short waits, so that tests are quick.</summary>
        internal static AiWorkerClientOptions Options(Uri address) => new AiWorkerClientOptions
        {
            BaseAddress = address,
            AttemptTimeout = TimeSpan.FromSeconds(20),
            RetryDelay = TimeSpan.FromMilliseconds(10),
        };

        internal static AiWorkerClient Client(ScriptedServer server, Action<AiWorkerClientOptions> change = null)
        {
            AiWorkerClientOptions options = Options(server.Address);
            change?.Invoke(options);
            return new AiWorkerClient(Http, options);
        }
    }
}
