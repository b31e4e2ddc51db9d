using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>
    /// Calls an ai-worker. May be used by several threads; make one for as long as the program runs.
    /// </summary>
    /// <remarks>
    /// Calls that fail in passing (no connection, a cut answer, 429, 503) are made again, after the worker's
    /// <c>Retry-After</c> or a random, growing wait; see <see cref="AiWorkerClientOptions"/>. Where the worker takes an
    /// <c>Idempotency-Key</c>, all attempts at a call carry the same one. What fails in the end is an
    /// <see cref="AiWorkerException"/>: an <see cref="AiWorkerProblemException"/> when the worker said why. A call that
    /// the caller cancels throws <see cref="OperationCanceledException"/>.
    /// </remarks>
    public sealed partial class AiWorkerClient : IAiWorkerClient
    {
        private static readonly HttpMethod Get = HttpMethod.Get;
        private static readonly HttpMethod Post = HttpMethod.Post;
        private static readonly HttpMethod Put = HttpMethod.Put;
        private static readonly HttpMethod Delete = HttpMethod.Delete;

        private readonly Transport _transport;

        /// <summary>A client of one worker.</summary>
        /// <param name="http">
        /// Sends the requests. It is not changed and not disposed; take it from an <c>IHttpClientFactory</c> where there
        /// is one.
        /// </param>
        /// <param name="options">Where the worker is, keys, limits. A copy is kept.</param>
        /// <exception cref="ArgumentException">An option is outside of its range, or there is no address.</exception>
        public AiWorkerClient(HttpClient http, AiWorkerClientOptions options)
        {
            if (http == null)
                throw new ArgumentNullException(nameof(http));
            _transport = new Transport(() => http, options);
        }

        private AiWorkerClient(Func<HttpClient> http, AiWorkerClientOptions options)
        {
            _transport = new Transport(http, options);
        }

        /// <summary>
        /// A client of one worker that asks for the <c>HttpClient</c> before every attempt, so that it may live as long as
        /// the program beside an <c>IHttpClientFactory</c>, whose clients are for a short time each.
        /// </summary>
        /// <param name="http">Gives the client for an attempt. What it gives is not changed and not disposed.</param>
        /// <param name="options">Where the worker is, keys, limits. A copy is kept.</param>
        /// <exception cref="ArgumentException">An option is outside of its range, or there is no address.</exception>
        public static AiWorkerClient FromFactory(Func<HttpClient> http, AiWorkerClientOptions options) =>
            new AiWorkerClient(http ?? throw new ArgumentNullException(nameof(http)), options);

        /// <summary>How the worker is. Needs no key; answers also while the store does not.</summary>
        public Task<Health> GetHealthAsync(CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<Health>(new Call(Get, "health"), cancellationToken);

        private static Call Named(Call call, string? idempotencyKey)
        {
            call.IdempotencyKey = idempotencyKey ?? Guid.NewGuid().ToString("D");
            return call;
        }

        private static string Cluster(Guid cluster, string rest = "") => "api/clusters/" + cluster.ToString("D") + rest;

        private static string Face(Guid face, string rest = "") => "api/faces/" + face.ToString("D") + rest;
    }
}
