using System;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>The keys that one attempt carries.</summary>
    internal readonly struct Keys
    {
        private Keys(string? api, string? admin)
        {
            // As settings have it that leave a key empty.
            Api = string.IsNullOrEmpty(api) ? null : api;
            Admin = string.IsNullOrEmpty(admin) ? null : admin;
        }

        /// <summary>Null for none.</summary>
        internal string? Api { get; }

        /// <summary>Null for none.</summary>
        internal string? Admin { get; }

        /// <summary>The keys of now. What a provider throws is thrown as it is: it is no failure of the worker.</summary>
        internal static async Task<Keys> OfAsync(AiWorkerClientOptions options, Call call, CancellationToken cancellationToken)
        {
            string? api = await OfAsync(options.ApiKeyProvider, options.ApiKey, cancellationToken).ConfigureAwait(false);
            string? admin = call.NeedsAdminKey
                ? await OfAsync(options.AdminKeyProvider, options.AdminKey, cancellationToken).ConfigureAwait(false)
                : null;
            return new Keys(api, admin);
        }

        private static Task<string?> OfAsync(
            Func<CancellationToken, Task<string?>>? provider, string? key, CancellationToken cancellationToken) =>
            provider == null ? Task.FromResult(key) : provider(cancellationToken);
    }
}
