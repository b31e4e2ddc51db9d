using System;
using System.Collections.Generic;
using System.Data.Common;
using System.IO;
using System.Linq;
using System.Reflection;

namespace AiWorker.SampleBackend
{
    /// <summary>A connection to the database, whose tables are brought up to date when it is opened.</summary>
    internal sealed class Database : IDisposable
    {
        private readonly DbConnection _connection;

        private Database(DbConnection connection)
        {
            _connection = connection;
        }

        internal static Database Open(DbProviderFactory provider, string path)
        {
            DbConnection connection = provider.CreateConnection();
            connection.ConnectionString = "Data Source=" + path;
            connection.Open();
            var database = new Database(connection);
            foreach (string setting in new[] { "foreign_keys = ON", "busy_timeout = 10000" }.Concat(SqliteProvider.Settings))
                new Statements(connection, null).Execute("PRAGMA " + setting);
            database.Migrate(Migrations());
            return database;
        }

        /// <summary>Does all of something or nothing of it; one at a time, over all connections.</summary>
        internal T InTransaction<T>(Func<Statements, T> work)
        {
            using (DbTransaction transaction = _connection.BeginTransaction())
            {
                T result = work(new Statements(_connection, transaction));
                transaction.Commit();
                return result;
            }
        }

        /// <summary>Does all of something or nothing of it; one at a time, over all connections.</summary>
        internal void InTransaction(Action<Statements> work) =>
            InTransaction(statements =>
            {
                work(statements);
                return true;
            });

        public void Dispose() => _connection.Dispose();

        /// <summary>The migrations of this program by name, in their order.</summary>
        internal static IList<KeyValuePair<string, string>> Migrations()
        {
            Assembly assembly = typeof(Database).Assembly;
            return assembly.GetManifestResourceNames()
                .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
                .OrderBy(name => name, StringComparer.Ordinal)
                .Select(name =>
                {
                    using (var reader = new StreamReader(assembly.GetManifestResourceStream(name)))
                        return new KeyValuePair<string, string>(name, reader.ReadToEnd());
                })
                .ToList();
        }

        private void Migrate(IEnumerable<KeyValuePair<string, string>> migrations)
        {
            InTransaction(statements =>
            {
                statements.Execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL PRIMARY KEY)");
                var done = new HashSet<string>(statements.Query("SELECT name FROM migrations", row => row.GetString(0)));
                foreach (KeyValuePair<string, string> migration in migrations.Where(migration => !done.Contains(migration.Key)))
                {
                    statements.Execute(migration.Value);
                    statements.Execute("INSERT INTO migrations (name) VALUES (@0)", migration.Key);
                }
            });
        }
    }

    /// <summary>SQL, within a transaction unless that is null. Values take the places of <c>@0</c>, <c>@1</c> and so on.</summary>
    internal sealed class Statements
    {
        private readonly DbConnection _connection;
        private readonly DbTransaction _transaction;

        internal Statements(DbConnection connection, DbTransaction transaction)
        {
            _connection = connection;
            _transaction = transaction;
        }

        /// <summary>How many rows it changed.</summary>
        internal int Execute(string sql, params object[] values)
        {
            using (DbCommand command = Command(sql, values))
                return command.ExecuteNonQuery();
        }

        internal IList<T> Query<T>(string sql, Func<DbDataReader, T> row, params object[] values)
        {
            using (DbCommand command = Command(sql, values))
            using (DbDataReader reader = command.ExecuteReader())
            {
                var rows = new List<T>();
                while (reader.Read())
                    rows.Add(row(reader));
                return rows;
            }
        }

        internal long Count(string sql, params object[] values) =>
            Query(sql, row => row.GetInt64(0), values).Single();

        private DbCommand Command(string sql, object[] values)
        {
            DbCommand command = _connection.CreateCommand();
            command.Transaction = _transaction;
            command.CommandText = sql;
            for (int place = 0; place < values.Length; place++)
            {
                DbParameter parameter = command.CreateParameter();
                parameter.ParameterName = "@" + place;
                parameter.Value = values[place] is Guid id ? id.ToString("D") : values[place] ?? DBNull.Value;
                command.Parameters.Add(parameter);
            }
            return command;
        }
    }
}
