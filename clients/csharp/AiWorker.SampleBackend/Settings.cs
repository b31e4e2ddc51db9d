using System;
using System.Net;
using System.Net.Sockets;

namespace AiWorker.SampleBackend
{
    /// <summary>What the environment says.</summary>
    internal sealed class Settings
    {
        internal Settings(Uri worker, string apiKey, string database, IPAddress photoAddress)
        {
            Worker = worker;
            ApiKey = apiKey;
            Database = database;
            PhotoAddress = photoAddress;
        }

        internal Uri Worker { get; }

        internal string ApiKey { get; }

        internal string Database { get; }

        internal IPAddress PhotoAddress { get; }

        /// <exception cref="FormatException">A variable has no such value.</exception>
        internal static Settings FromEnvironment()
        {
            string worker = Variable("AI_WORKER_URL", "http://127.0.0.1:8000"), photos = Variable("BACKEND_PHOTO_ADDRESS", "127.0.0.1");
            if (!Uri.TryCreate(worker, UriKind.Absolute, out Uri workerUri) || !workerUri.Scheme.StartsWith("http", StringComparison.Ordinal))
                throw new FormatException("AI_WORKER_URL must be an http or https address, such as http://127.0.0.1:8000.");
            if (!IPAddress.TryParse(photos, out IPAddress photoAddress) || photoAddress.AddressFamily != AddressFamily.InterNetwork)
                throw new FormatException("BACKEND_PHOTO_ADDRESS must be an IPv4 address of this machine, such as 127.0.0.1.");
            return new Settings(
                workerUri, Variable("AI_WORKER_API_KEY", null), Variable("BACKEND_DATABASE", "backend.db"), photoAddress);
        }

        private static string Variable(string name, string otherwise)
        {
            string value = Environment.GetEnvironmentVariable(name);
            return string.IsNullOrEmpty(value) ? otherwise : value;
        }
    }
}
