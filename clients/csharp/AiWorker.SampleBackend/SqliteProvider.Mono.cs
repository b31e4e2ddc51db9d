using System.Data.Common;

namespace AiWorker.SampleBackend
{
    /// <summary>The one place that names a database product, where .NET's own provider cannot be had.</summary>
    internal static class SqliteProvider
    {
        internal static DbProviderFactory Factory => Mono.Data.Sqlite.SqliteFactory.Instance;
    }
}
