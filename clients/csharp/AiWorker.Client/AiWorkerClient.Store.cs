using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    public sealed partial class AiWorkerClient
    {
        /// <summary>
        /// Starts a backup of people, pictures and plugins into the worker's <c>BACKUP_DIR</c>;
        /// <see cref="GetBackupAsync"/> says when it is done. Needs the admin key, as do the calls below.
        /// </summary>
        /// <exception cref="AiWorkerConflictException">
        /// A backup or a check runs already, perhaps one that an earlier attempt of this very call has started, whose
        /// answer was lost: <see cref="GetBackupAsync"/> says. Or the people are on Qdrant, which has snapshots of its own.
        /// </exception>
        public Task<BackupStatus> StartBackupAsync(CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<BackupStatus>(Administer(Post, "api/store/backup"), cancellationToken);

        /// <summary>How the latest backup is.</summary>
        /// <exception cref="AiWorkerNotFoundException">None was asked for since the worker started.</exception>
        public Task<BackupStatus> GetBackupAsync(CancellationToken cancellationToken = default(CancellationToken)) =>
            _transport.ReadAsync<BackupStatus>(Administer(Get, "api/store/backup"), cancellationToken);

        /// <summary>
        /// Starts to look whether the store is sound and fits together; <see cref="GetVerificationAsync"/> says what was
        /// found.
        /// </summary>
        /// <exception cref="AiWorkerConflictException">
        /// A backup or a check runs already, perhaps one that an earlier attempt of this very call has started, whose
        /// answer was lost.
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
