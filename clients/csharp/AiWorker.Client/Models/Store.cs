using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>The state of the latest backup.</summary>
    [DataContract]
    public sealed class BackupStatus
    {
        /// <summary>When it was requested, as RFC 3339.</summary>
        [DataMember(Name = "started", IsRequired = true)]
        public string Started { get; set; } = "";

        /// <summary><see cref="Started"/> as a point in time.</summary>
        /// <exception cref="FormatException">The text is no such time.</exception>
        public DateTimeOffset StartedTime { get => Times.Parse(Started); set => Started = Times.Text(value); }

        /// <summary>What was backed up; null until it is done.</summary>
        [DataMember(Name = "report", IsRequired = true)]
        public BackupReport? Report { get; set; }

        /// <summary>Why there is no backup; null when it did not fail.</summary>
        [DataMember(Name = "error", IsRequired = true)]
        public string? Error { get; set; }
    }

    /// <summary>What was backed up.</summary>
    [DataContract]
    public sealed class BackupReport
    {
        /// <summary>The backup's name, which is its folder in <c>BACKUP_DIR</c>.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>
        /// When the backup began, as RFC 3339; everything that was acknowledged before then is in it.
        /// </summary>
        [DataMember(Name = "made_at", IsRequired = true)]
        public string MadeAt { get; set; } = "";

        /// <summary><see cref="MadeAt"/> as a point in time.</summary>
        /// <exception cref="FormatException">The text is no such time.</exception>
        public DateTimeOffset MadeAtTime { get => Times.Parse(MadeAt); set => MadeAt = Times.Text(value); }

        /// <summary>Stored faces.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>Clusters.</summary>
        [DataMember(Name = "clusters", IsRequired = true)]
        public long Clusters { get; set; }

        /// <summary>Photos.</summary>
        [DataMember(Name = "photos", IsRequired = true)]
        public long Photos { get; set; }

        /// <summary>Size of its files.</summary>
        [DataMember(Name = "bytes", IsRequired = true)]
        public long Bytes { get; set; }

        /// <summary>How long it took, in milliseconds.</summary>
        [DataMember(Name = "duration_ms", IsRequired = true)]
        public long DurationMs { get; set; }
    }

    /// <summary>The state of the latest check of the store.</summary>
    [DataContract]
    public sealed class VerificationStatus
    {
        /// <summary>When it was requested, as RFC 3339.</summary>
        [DataMember(Name = "started", IsRequired = true)]
        public string Started { get; set; } = "";

        /// <summary><see cref="Started"/> as a point in time.</summary>
        /// <exception cref="FormatException">The text is no such time.</exception>
        public DateTimeOffset StartedTime { get => Times.Parse(Started); set => Started = Times.Text(value); }

        /// <summary>What was found; null until it is done.</summary>
        [DataMember(Name = "report", IsRequired = true)]
        public Integrity? Report { get; set; }

        /// <summary>Why the store could not be looked at; null when it could.</summary>
        [DataMember(Name = "error", IsRequired = true)]
        public string? Error { get; set; }
    }

    /// <summary>What a check of the store found.</summary>
    [DataContract]
    public sealed class Integrity
    {
        /// <summary>Faces that were checked.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>Clusters that were checked.</summary>
        [DataMember(Name = "clusters", IsRequired = true)]
        public long Clusters { get; set; }

        /// <summary>Photos that were checked.</summary>
        [DataMember(Name = "photos", IsRequired = true)]
        public long Photos { get; set; }

        /// <summary>The faults that were found, one sentence each; empty if the store is consistent.</summary>
        [DataMember(Name = "faults", IsRequired = true)]
        public AnswerList<string> Faults { get; set; } = new AnswerList<string>();
    }
}
