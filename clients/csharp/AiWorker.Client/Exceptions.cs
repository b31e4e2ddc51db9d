using System;
using System.Net;

namespace AiWorker.Client
{
    /// <summary>A call that did not succeed. The types below say in which way.</summary>
    public abstract class AiWorkerException : Exception
    {
        /// <summary>Made by the client.</summary>
        protected AiWorkerException(string message, string requestId, Exception cause) : base(message, cause)
        {
            RequestId = requestId;
        }

        /// <summary>The request's id, under which the worker's log has it; the same for every attempt at a call.</summary>
        public string RequestId { get; }
    }

    /// <summary>The worker answered with a problem (RFC 9457). The types below group problems by what to do.</summary>
    public class AiWorkerProblemException : AiWorkerException
    {
        internal AiWorkerProblemException(Problem problem, TimeSpan? retryAfter)
            : base(problem.Detail + " (" + problem.Code + ", request " + problem.RequestId + ")", problem.RequestId, null)
        {
            Problem = problem;
            RetryAfter = retryAfter;
        }

        /// <summary>What the worker said.</summary>
        public Problem Problem { get; }

        /// <summary>What went wrong, for programs; <see cref="ProblemCodes"/> has those of this version.</summary>
        public string Code => Problem.Code;

        /// <summary>The status of the answer.</summary>
        public HttpStatusCode Status => (HttpStatusCode)Problem.Status;

        /// <summary>How long the worker asks to wait; null when it does not.</summary>
        public TimeSpan? RetryAfter { get; }

        /// <summary>A problem without a header beside it, in a line of a batch.</summary>
        internal static AiWorkerProblemException Of(Problem problem) =>
            Of(problem, problem.RetryAfter > 0 && problem.RetryAfter < int.MaxValue
                ? TimeSpan.FromSeconds(problem.RetryAfter.Value)
                : (TimeSpan?)null);

        internal static AiWorkerProblemException Of(Problem problem, TimeSpan? retryAfter)
        {
            string code = problem.Code;
            if (code.StartsWith("photo_", StringComparison.Ordinal) || code == ProblemCodes.InvalidImageUrl)
                return new AiWorkerPhotoException(problem, retryAfter);
            switch (problem.Status)
            {
                case 401:
                case 403:
                    return new AiWorkerAccessException(problem, retryAfter);
                case 404:
                    return new AiWorkerNotFoundException(problem, retryAfter);
                case 409:
                    return new AiWorkerConflictException(problem, retryAfter);
                case 429:
                case 503:
                    return new AiWorkerUnavailableException(problem, retryAfter);
                default:
                    return new AiWorkerProblemException(problem, retryAfter);
            }
        }
    }

    /// <summary>
    /// The photo cannot be had, or is none: <c>photo_*</c> and <c>invalid_image_url</c>. Nothing of it was stored; the
    /// same photo will fail again, unless its server was at fault. With <c>photo_source_busy</c> that was so, also at the
    /// last attempt: later, <see cref="AiWorkerProblemException.RetryAfter"/> says when.
    /// </summary>
    public sealed class AiWorkerPhotoException : AiWorkerProblemException
    {
        internal AiWorkerPhotoException(Problem problem, TimeSpan? retryAfter) : base(problem, retryAfter) { }
    }

    /// <summary>
    /// The key is wrong or its role is not enough, there is no admin key, or the worker does not serve this address: 401
    /// and 403.
    /// </summary>
    public sealed class AiWorkerAccessException : AiWorkerProblemException
    {
        internal AiWorkerAccessException(Problem problem, TimeSpan? retryAfter) : base(problem, retryAfter) { }
    }

    /// <summary>There is no such cluster, face, file, slot, shadow, replay, backup or check: 404.</summary>
    public sealed class AiWorkerNotFoundException : AiWorkerProblemException
    {
        internal AiWorkerNotFoundException(Problem problem, TimeSpan? retryAfter) : base(problem, retryAfter) { }
    }

    /// <summary>What is stored does not allow it: 409.</summary>
    public sealed class AiWorkerConflictException : AiWorkerProblemException
    {
        internal AiWorkerConflictException(Problem problem, TimeSpan? retryAfter) : base(problem, retryAfter) { }
    }

    /// <summary>The worker is busy, or a model or its store is down, also after the last attempt: 429 and 503.</summary>
    public sealed class AiWorkerUnavailableException : AiWorkerProblemException
    {
        internal AiWorkerUnavailableException(Problem problem, TimeSpan? retryAfter) : base(problem, retryAfter) { }
    }

    /// <summary>
    /// There was no answer, or it was cut, also at the last attempt. Whether the worker did what it was asked is not
    /// known; every call may be made again without harm.
    /// </summary>
    public sealed class AiWorkerConnectionException : AiWorkerException
    {
        internal AiWorkerConnectionException(string message, string requestId, Exception cause) : base(message, requestId, cause) { }
    }

    /// <summary>
    /// An attempt took longer than <see cref="AiWorkerClientOptions.AttemptTimeout"/>. Whether the worker did what it
    /// was asked is not known; every call may be made again without harm.
    /// </summary>
    public sealed class AiWorkerTimeoutException : AiWorkerException
    {
        internal AiWorkerTimeoutException(string message, string requestId, Exception cause) : base(message, requestId, cause) { }
    }

    /// <summary>
    /// What answered does not speak as the worker does: a proxy's error page, or another server or version.
    /// </summary>
    public sealed class AiWorkerAnswerException : AiWorkerException
    {
        internal AiWorkerAnswerException(string message, HttpStatusCode status, TimeSpan? retryAfter, string requestId, Exception cause)
            : base(message, requestId, cause)
        {
            Status = status;
            RetryAfter = retryAfter;
        }

        /// <summary>The status of the answer.</summary>
        public HttpStatusCode Status { get; }

        /// <summary>How long the answer asks to wait; null when it does not.</summary>
        public TimeSpan? RetryAfter { get; }
    }
}
