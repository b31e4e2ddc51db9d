using System;
using System.Globalization;

namespace AiWorker.Client
{
    /// <summary>Points in time as the worker writes them: in seconds since 1970, or as RFC 3339.</summary>
    internal static class Times
    {
        private const string Rfc3339 = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

        internal static DateTimeOffset Of(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

        internal static DateTimeOffset? Of(long? seconds) => seconds == null ? (DateTimeOffset?)null : Of(seconds.Value);

        internal static long Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds();

        internal static long? Seconds(DateTimeOffset? time) => time?.ToUnixTimeSeconds();

        /// <exception cref="FormatException">It is no such time.</exception>
        internal static DateTimeOffset Parse(string text) =>
            DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

        internal static DateTimeOffset? ParseUnlessNull(string? text) => text == null ? (DateTimeOffset?)null : Parse(text);

        internal static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Rfc3339, CultureInfo.InvariantCulture);

        internal static string? TextUnlessNull(DateTimeOffset? time) => time == null ? null : Text(time.Value);
    }
}
