using System.Data.Common;

namespace AiWorker.SampleBackend
{
    /// <summary>The one place that names a database product; any other has a DbProviderFactory as well.</summary>
    internal static class SqliteProvider
    {
        internal static DbProviderFactory Factory => Microsoft.Data.Sqlite.SqliteFactory.Instance;

        /// <summary>Readers wait for no writer.</summary>
        internal static string[] Settings => new[] { "journal_mode = WAL" };
    }
}
