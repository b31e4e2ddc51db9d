using System;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;

namespace AiWorker.Client
{
    /// <summary>An answer that has come to its end.</summary>
    internal sealed class Received
    {
        private readonly HttpResponseHeaders _headers;

        internal Received(HttpResponseMessage response, byte[] body)
        {
            _headers = response.Headers;
            Body = body;
            Status = response.StatusCode;
            IsSuccess = response.IsSuccessStatusCode;
            MediaType = response.Content.Headers.ContentType?.MediaType;
        }

        internal byte[] Body { get; }

        internal HttpStatusCode Status { get; }

        internal bool IsSuccess { get; }

        /// <summary>Null when it says none.</summary>
        internal string? MediaType { get; }

        /// <summary>How long it asks to wait; null when it does not.</summary>
        internal TimeSpan? RetryAfter
        {
            get
            {
                RetryConditionHeaderValue? header = _headers.RetryAfter;
                return header == null ? null : header.Delta ?? header.Date - DateTimeOffset.UtcNow;
            }
        }

        /// <summary>Null when there is no such header.</summary>
        internal string? Header(string name) =>
            _headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
    }
}
