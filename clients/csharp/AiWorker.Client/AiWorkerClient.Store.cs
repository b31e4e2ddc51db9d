using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    public sealed partial class AiWorkerClient
    {
        /// <summary>
        /// Starts a backup of people, pictures and plugins into the worker's <c>BACKUP_DIR</c>; <see
        /// cref="GetBackupAsync"/> shows when it is done. This call and the calls below need the admin key.
        /// </summary>
        /// <exception cref="AiWorkerConflictException">
        /// A backup or a check is already running, perhaps started by an earlier attempt of this call whose answer was
        /// lost: <see cref="GetBackupAsync"/> shows it. Or the people are stored in Qdrant; use its snapshots instead.
        /// </exception>
        public Task<BackupStatus> StartBackupAsync(CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<BackupStatus>(Administer(Post, "api/store/backup"), cancellationToken);

        /// <summary>The state of the latest backup.</summary>
        /// <exception cref="AiWorkerNotFoundException">None was asked for since the worker started.</exception>
        public Task<BackupStatus> GetBackupAsync(CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<BackupStatus>(Administer(Get, "api/store/backup"), cancellationToken);

        /// <summary>
        /// Starts a check that the store is undamaged and consistent; <see cref="GetVerificationAsync"/> returns the
        /// result.
        /// </summary>
        /// <exception cref="AiWorkerConflictException">
        /// A backup or a check is already running, perhaps started by an earlier attempt of this call whose answer was
        /// lost.
        /// </exception>
        public Task<VerificationStatus> StartVerificationAsync(
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<VerificationStatus>(Administer(Post, "api/store/verify"), cancellationToken);

        /// <summary>What the latest check of the store found.</summary>
        /// <exception cref="AiWorkerNotFoundException">None was asked for since the worker started.</exception>
        public Task<VerificationStatus> GetVerificationAsync(
            CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<VerificationStatus>(Administer(Get, "api/store/verify"), cancellationToken);
    }
}
