using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>An error answer (problem details, RFC 9457).</summary>
    [DataContract]
    public sealed class Problem
    {
        /// <summary>Always <c>about:blank</c>: <c>code</c> says what went wrong.</summary>
        [DataMember(Name = "type", IsRequired = true)]
        public string Type { get; set; } = "";

        /// <summary>The HTTP status in words.</summary>
        [DataMember(Name = "title", IsRequired = true)]
        public string Title { get; set; } = "";

        /// <summary>The HTTP status of the answer.</summary>
        [DataMember(Name = "status", IsRequired = true)]
        public int Status { get; set; }

        /// <summary>
        /// The stable code, for programs. Each operation lists its codes; later versions may add codes.
        /// </summary>
        [DataMember(Name = "code", IsRequired = true)]
        public string Code { get; set; } = "";

        /// <summary>One sentence, for people.</summary>
        [DataMember(Name = "detail", IsRequired = true)]
        public string Detail { get; set; } = "";

        /// <summary>The request's id, as in the header <c>X-Request-Id</c> and in the log.</summary>
        [DataMember(Name = "request_id", IsRequired = true)]
        public string RequestId { get; set; } = "";

        /// <summary>
        /// Seconds after which the same request is worth sending again, as in the header <c>Retry-After</c>; null when that
        /// is not known.
        /// </summary>
        [DataMember(Name = "retry_after")]
        public long? RetryAfter { get; set; }

        /// <summary>
        /// What a refused plugin wrote to its standard output, its standard error and the log before it failed: text of
        /// several lines for its author; null when it wrote nothing, and for whoever is no administrator.
        /// </summary>
        [DataMember(Name = "output")]
        public string? Output { get; set; }
    }
}
