using System.Data.Common;

namespace AiWorker.SampleBackend
{
    /// <summary>The one place that names a database product, where .NET's own provider cannot be had.</summary>
    internal static class SqliteProvider
    {
        internal static DbProviderFactory Factory => Mono.Data.Sqlite.SqliteFactory.Instance;

        /// <summary>
        /// None: this provider sets the mode of the journal by itself whenever it opens a connection, which in another mode locks
        /// the others out.
        /// </summary>
        internal static string[] Settings => new string[0];
    }
}
