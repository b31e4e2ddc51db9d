using System;
using System.Net.Http;
using System.Net.Http.Headers;

namespace AiWorker.Client
{
    /// <summary>What is sent, as often as there are attempts.</summary>
    internal sealed class Call
    {
        private const string JsonType = "application/json";

        private readonly HttpMethod _method;
        private readonly string _path;

        /// <param name="method">The method.</param>
        /// <param name="path">The path with its query, without the first slash.</param>
        internal Call(HttpMethod method, string path)
        {
            _method = method;
            _path = path;
        }

        /// <summary>Null for none.</summary>
        internal byte[]? Body { private get; set; }

        internal string ContentType { private get; set; } = JsonType;

        internal string Accept { private get; set; } = JsonType;

        /// <summary>Names the call, whatever the number of attempts; null for calls that take no key.</summary>
        internal string? IdempotencyKey { private get; set; }

        /// <summary>A plugin's signature file in base64; null for none.</summary>
        internal string? Signature { private get; set; }

        internal bool NeedsAdminKey { get; set; }

        /// <summary>The same in the log of the worker for every attempt.</summary>
        internal string RequestId { get; } = Guid.NewGuid().ToString("D");

        internal HttpRequestMessage Request(Uri baseAddress, Keys keys)
        {
            var request = new HttpRequestMessage(_method, new Uri(baseAddress, _path));
            HttpRequestHeaders headers = request.Headers;
            headers.ExpectContinue = false;
            headers.Add("X-Request-Id", RequestId);
            headers.Accept.ParseAdd(Accept);
            headers.Accept.ParseAdd("application/problem+json");
            AddUnlessNull(headers, "X-API-Key", keys.Api);
            AddUnlessNull(headers, "X-Admin-Key", keys.Admin);
            AddUnlessNull(headers, "Idempotency-Key", IdempotencyKey);
            AddUnlessNull(headers, "X-Plugin-Signature", Signature);
            if (Body != null)
            {
                request.Content = new ByteArrayContent(Body);
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);
            }
            return request;
        }

        private static void AddUnlessNull(HttpRequestHeaders headers, string name, string? value)
        {
            if (value != null)
                headers.Add(name, value);
        }
    }
}
