using System;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>Which failures are tried again, and after how long.</summary>
    internal sealed class Retries
    {
        private readonly AiWorkerClientOptions _options;
        private readonly Random _random = new Random(Guid.NewGuid().GetHashCode());

        internal Retries(AiWorkerClientOptions options)
        {
            _options = options;
        }

        /// <summary>
        /// Makes attempts until one succeeds, none is left, or a failure is not worth another. Every call of the
        /// worker may be repeated without harm, so that it does not matter whether a failed attempt reached it.
        /// </summary>
        internal async Task<T> RunAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
        {
            for (int made = 1; ; made++)
            {
                TimeSpan wait;
                try
                {
                    return await attempt().ConfigureAwait(false);
                }
                catch (AiWorkerException failure) when (
                    made < _options.MaxAttempts && IsPassing(failure, made) && !(RetryAfter(failure) > _options.MaxRetryDelay))
                {
                    wait = Wait(made, RetryAfter(failure));
                }
                await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
            }
        }

        private static bool IsPassing(AiWorkerException failure, int made)
        {
            if (failure is AiWorkerConnectionException || failure is AiWorkerUnavailableException)
                return true;
            AiWorkerProblemException? problem = failure as AiWorkerProblemException;
            if (problem != null)
                // An earlier attempt, whose answer was lost, is still being worked on; or the photo's server has its own
                // reasons to wait.
                return made > 1 && problem.Code == ProblemCodes.IdempotencyKeyInUse || problem.Code == ProblemCodes.PhotoSourceBusy;
            // A proxy before the worker does not speak problem+json.
            AiWorkerAnswerException? answer = failure as AiWorkerAnswerException;
            return answer != null && ((int)answer.Status == 429 || (int)answer.Status == 503);
        }

        private static TimeSpan? RetryAfter(AiWorkerException failure) =>
            (failure as AiWorkerProblemException)?.RetryAfter ?? (failure as AiWorkerAnswerException)?.RetryAfter;

        /// <summary>
        /// "Full jitter" over an exponential backoff (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture
        /// Blog, 2015); with <c>Retry-After</c>, that long, and a first backoff's jitter more.
        /// </summary>
        private TimeSpan Wait(int made, TimeSpan? retryAfter)
        {
            double chance;
            lock (_random)
                chance = _random.NextDouble();
            double first = _options.RetryDelay.TotalMilliseconds;
            double most = _options.MaxRetryDelay.TotalMilliseconds;
            double wait = retryAfter > TimeSpan.Zero
                ? retryAfter.Value.TotalMilliseconds + chance * first
                : chance * first * Math.Pow(2, made - 1);
            return TimeSpan.FromMilliseconds(Math.Min(wait, most));
        }
    }
}
