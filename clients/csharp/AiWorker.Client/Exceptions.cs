using System;
using System.Net;

namespace AiWorker.Client
{
    /// <summary>A call that did not succeed. The types below say in which way.</summary>
    public abstract class AiWorkerException : Exception
    {
        /// <summary>Made by the client.</summary>
        protected AiWorkerException(string message, string? requestId, Exception? cause) : base(message, cause)
        {
            RequestId = requestId;
        }

        /// <summary>
        /// The request's id, under which the worker's log has it; the same for every attempt at a call. Null only in an
        /// exception that somebody else than the client has made without one.
        /// </summary>
        public string? RequestId { get; }
    }

    /// <summary>The worker answered with a problem (RFC 9457). The types below group problems by what to do.</summary>
    public class AiWorkerProblemException : AiWorkerException
    {
        /// <summary>
        /// An exception of this type, whatever the problem; <see cref="Create"/> makes one of the type that the client throws.
        /// </summary>
        /// <param name="problem">What the worker said.</param>
        /// <param name="retryAfter">How long it asks to wait; null when it does not.</param>
        public AiWorkerProblemException(Problem problem, TimeSpan? retryAfter = null)
            : base((problem ?? throw new ArgumentNullException(nameof(problem))).Detail + " (" + problem.Code + ", request " + problem.RequestId + ")", problem.RequestId, null)
        {
            Problem = problem;
            RetryAfter = retryAfter;
        }

        /// <summary>What the worker said.</summary>
        public Problem Problem { get; }

        /// <summary>What went wrong, for programs; <see cref="ProblemCodes"/> has those of this version.</summary>
        public string Code => Problem.Code;

        /// <summary>The HTTP status of the answer.</summary>
        public HttpStatusCode Status => (HttpStatusCode)Problem.Status;

        /// <summary>How long the worker asks to wait; null when it does not.</summary>
        public TimeSpan? RetryAfter { get; }

        /// <summary>The exception that the client throws for a problem, for those who stand in for a worker.</summary>
        /// <param name="status">The HTTP status of the answer.</param>
        /// <param name="code">What went wrong; one of <see cref="ProblemCodes"/>.</param>
        /// <param name="detail">One sentence, for people.</param>
        /// <param name="retryAfter">How long the worker asks to wait; null when it does not.</param>
        /// <param name="requestId">The request's id; null for a new one.</param>
        public static AiWorkerProblemException Create(
            HttpStatusCode status, string code, string detail = "", TimeSpan? retryAfter = null, string? requestId = null)
        {
            var problem = new Problem
            {
                Type = "about:blank",
                Title = status.ToString(),
                Status = (int)status,
                Code = code ?? throw new ArgumentNullException(nameof(code)),
                Detail = detail ?? throw new ArgumentNullException(nameof(detail)),
                RequestId = requestId ?? Guid.NewGuid().ToString("D"),
                RetryAfter = retryAfter == null ? (long?)null : (long)Math.Ceiling(retryAfter.Value.TotalSeconds),
            };
            return Of(problem, retryAfter);
        }

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
        /// <summary>An exception for those who stand in for a worker.</summary>
        /// <param name="problem">What the worker said.</param>
        /// <param name="retryAfter">How long it asks to wait; null when it does not.</param>
        public AiWorkerPhotoException(Problem problem, TimeSpan? retryAfter = null) : base(problem, retryAfter) { }
    }

    /// <summary>
    /// The key is wrong or its role is not enough, there is no admin key, or the worker does not serve this address: 401
    /// and 403.
    /// </summary>
    public sealed class AiWorkerAccessException : AiWorkerProblemException
    {
        /// <summary>An exception for those who stand in for a worker.</summary>
        /// <param name="problem">What the worker said.</param>
        /// <param name="retryAfter">How long it asks to wait; null when it does not.</param>
        public AiWorkerAccessException(Problem problem, TimeSpan? retryAfter = null) : base(problem, retryAfter) { }
    }

    /// <summary>There is no such cluster, face, file, slot, shadow, replay, backup or check: 404.</summary>
    public sealed class AiWorkerNotFoundException : AiWorkerProblemException
    {
        /// <summary>An exception for those who stand in for a worker.</summary>
        /// <param name="problem">What the worker said.</param>
        /// <param name="retryAfter">How long it asks to wait; null when it does not.</param>
        public AiWorkerNotFoundException(Problem problem, TimeSpan? retryAfter = null) : base(problem, retryAfter) { }
    }

    /// <summary>The present state of the stored data does not allow the call: 409.</summary>
    public sealed class AiWorkerConflictException : AiWorkerProblemException
    {
        /// <summary>An exception for those who stand in for a worker.</summary>
        /// <param name="problem">What the worker said.</param>
        /// <param name="retryAfter">How long it asks to wait; null when it does not.</param>
        public AiWorkerConflictException(Problem problem, TimeSpan? retryAfter = null) : base(problem, retryAfter) { }
    }

    /// <summary>The worker is busy, or a model or its store is down, also after the last attempt: 429 and 503.</summary>
    public sealed class AiWorkerUnavailableException : AiWorkerProblemException
    {
        /// <summary>An exception for those who stand in for a worker.</summary>
        /// <param name="problem">What the worker said.</param>
        /// <param name="retryAfter">How long it asks to wait; null when it does not.</param>
        public AiWorkerUnavailableException(Problem problem, TimeSpan? retryAfter = null) : base(problem, retryAfter) { }
    }

    /// <summary>
    /// There was no answer, or it was incomplete, also at the last attempt. It is not known whether the worker did the
    /// work; every call may be repeated safely.
    /// </summary>
    public sealed class AiWorkerConnectionException : AiWorkerException
    {
        /// <summary>An exception, also for those who stand in for a worker.</summary>
        /// <param name="message">What happened.</param>
        /// <param name="requestId">The request's id.</param>
        /// <param name="cause">Why; null when there is no more to say.</param>
        public AiWorkerConnectionException(string message, string? requestId = null, Exception? cause = null) : base(message, requestId, cause) { }
    }

    /// <summary>
    /// An attempt took longer than <see cref="AiWorkerClientOptions.AttemptTimeout"/>. It is not known whether
    /// the worker did the work; every call may be repeated safely.
    /// </summary>
    public sealed class AiWorkerTimeoutException : AiWorkerException
    {
        /// <summary>An exception, also for those who stand in for a worker.</summary>
        /// <param name="message">What happened.</param>
        /// <param name="requestId">The request's id.</param>
        /// <param name="cause">Why; null when there is no more to say.</param>
        public AiWorkerTimeoutException(string message, string? requestId = null, Exception? cause = null) : base(message, requestId, cause) { }
    }

    /// <summary>
    /// The answer is not from a compatible worker: it may be a proxy's error page, or another server or version.
    /// </summary>
    public sealed class AiWorkerAnswerException : AiWorkerException
    {
        /// <summary>An exception, also for those who stand in for a worker.</summary>
        /// <param name="message">What happened.</param>
        /// <param name="status">The HTTP status of the answer.</param>
        /// <param name="retryAfter">How long the answer asks to wait; null when it does not.</param>
        /// <param name="requestId">The request's id.</param>
        /// <param name="cause">Why; null when there is no more to say.</param>
        public AiWorkerAnswerException(
            string message, HttpStatusCode status, TimeSpan? retryAfter = null, string? requestId = null, Exception? cause = null)
            : base(message, requestId, cause)
        {
            Status = status;
            RetryAfter = retryAfter;
        }

        /// <summary>The HTTP status of the answer.</summary>
        public HttpStatusCode Status { get; }

        /// <summary>How long the answer asks to wait; null when it does not.</summary>
        public TimeSpan? RetryAfter { get; }
    }
}
