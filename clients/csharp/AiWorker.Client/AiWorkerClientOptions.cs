using System;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>Keys, time limits and retries of an <see cref="AiWorkerClient"/>.</summary>
    public sealed class AiWorkerClientOptions
    {
        /// <summary>The default options.</summary>
        public AiWorkerClientOptions() { }

        /// <summary>A copy of others.</summary>
        /// <param name="other">The others.</param>
        public AiWorkerClientOptions(AiWorkerClientOptions other)
        {
            if (other == null)
                throw new ArgumentNullException(nameof(other));
            BaseAddress = other.BaseAddress;
            ApiKey = other.ApiKey;
            AdminKey = other.AdminKey;
            ApiKeyProvider = other.ApiKeyProvider;
            AdminKeyProvider = other.AdminKeyProvider;
            AttemptTimeout = other.AttemptTimeout;
            MaxAttempts = other.MaxAttempts;
            RetryDelay = other.RetryDelay;
            MaxRetryDelay = other.MaxRetryDelay;
            MaxAnswerBytes = other.MaxAnswerBytes;
        }

        /// <summary>
        /// The address of the worker, such as <c>http://127.0.0.1:8000</c>. Null takes the <c>BaseAddress</c> of the
        /// <c>HttpClient</c>. A path before the worker's own, as a proxy may add, is kept.
        /// </summary>
        public Uri? BaseAddress { get; set; }

        /// <summary>The worker's <c>API_KEY</c>, or a key of its <c>API_KEYS_FILE</c>; null or empty when it asks for none.</summary>
        public string? ApiKey { get; set; }

        /// <summary>
        /// The worker's <c>ADMIN_KEY</c>; for the audit log, backups, checks of the store, and calls about plugins other
        /// than the list, unless <see cref="ApiKey"/> has the role <c>admin</c>.
        /// </summary>
        public string? AdminKey { get; set; }

        /// <summary>
        /// Returns the key in place of <see cref="ApiKey"/>. It is called before every attempt, so a changed key is
        /// used from the next attempt on; it may use a cache. An exception that it throws ends the call. The default is
        /// null.
        /// </summary>
        public Func<CancellationToken, Task<string?>>? ApiKeyProvider { get; set; }

        /// <summary>
        /// Returns the key in place of <see cref="AdminKey"/>; it is called before every attempt at a call that needs
        /// that key. The default is null.
        /// </summary>
        public Func<CancellationToken, Task<string?>>? AdminKeyProvider { get; set; }

        /// <summary>
        /// Longest time for one attempt, from sending to the last byte of the answer; in a batch, longest time without
        /// a line. The default is 90 seconds, so that the worker's own limit of 60 seconds
        /// (<c>REQUEST_TIMEOUT_MS</c>), which says more, comes first. The <c>Timeout</c> of the <c>HttpClient</c>
        /// (100 seconds unless set) holds as well.
        /// </summary>
        public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(90);

        /// <summary>Most attempts at one call, including the first. The default is 4; 1 turns retries off.</summary>
        public int MaxAttempts { get; set; } = 4;

        /// <summary>
        /// The wait before the second attempt is up to this long, before the third up to twice this long, and so on;
        /// half a second unless set. How long it is within that is chosen by chance, so that clients that failed
        /// together do not come back together ("full jitter").
        /// </summary>
        public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

        /// <summary>
        /// No wait between two attempts is longer; 30 seconds unless set. When the worker asks for a longer one
        /// (<c>Retry-After</c>), the call fails at once and the exception says how long.
        /// </summary>
        public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>The largest answer, and the largest line of a batch, in bytes; the default is 64 MiB.</summary>
        public int MaxAnswerBytes { get; set; } = 64 * 1024 * 1024;

        /// <summary>A copy, so that later changes do not reach a client in use.</summary>
        internal AiWorkerClientOptions Validated()
        {
            if (AttemptTimeout <= TimeSpan.Zero || AttemptTimeout.TotalMilliseconds > int.MaxValue)
                throw new ArgumentOutOfRangeException(nameof(AttemptTimeout), AttemptTimeout, "AttemptTimeout must be more than zero and less than 25 days.");
            if (MaxAttempts < 1)
                throw new ArgumentOutOfRangeException(nameof(MaxAttempts), MaxAttempts, "MaxAttempts must be at least 1.");
            if (RetryDelay < TimeSpan.Zero)
                throw new ArgumentOutOfRangeException(nameof(RetryDelay), RetryDelay, "RetryDelay must not be negative.");
            if (MaxRetryDelay < TimeSpan.Zero || MaxRetryDelay.TotalMilliseconds > int.MaxValue)
                throw new ArgumentOutOfRangeException(nameof(MaxRetryDelay), MaxRetryDelay, "MaxRetryDelay must not be negative and must be less than 25 days.");
            if (MaxAnswerBytes < 1)
                throw new ArgumentOutOfRangeException(nameof(MaxAnswerBytes), MaxAnswerBytes, "MaxAnswerBytes must be at least 1.");
            return new AiWorkerClientOptions(this);
        }
    }
}
