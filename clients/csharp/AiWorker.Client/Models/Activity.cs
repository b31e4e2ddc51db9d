using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>The kinds of jobs. Later versions of the worker may add kinds.</summary>
    public static class JobKinds
    {
        /// <summary>Describes the photos of a batch.</summary>
        public const string Batch = "batch";

        /// <summary>Runs a candidate plugin over everything stored.</summary>
        public const string Replay = "replay";

        /// <summary>Asks the policy again about clusters that resemble each other.</summary>
        public const string Consolidation = "consolidation";

        /// <summary>Backs up the store.</summary>
        public const string Backup = "backup";

        /// <summary>Looks whether the store is sound.</summary>
        public const string Verification = "verification";
    }

    /// <summary>How jobs are.</summary>
    public static class JobStates
    {
        /// <summary>The job is running.</summary>
        public const string Running = "running";

        /// <summary>The job is done.</summary>
        public const string Done = "done";

        /// <summary>It was given up; the reason says why.</summary>
        public const string Failed = "failed";

        /// <summary>Nobody waits for it any more, or another one took its place.</summary>
        public const string Stopped = "stopped";
    }

    /// <summary>The kinds of failures. Later versions of the worker may add kinds.</summary>
    public static class FailureKinds
    {
        /// <summary>A photo, which was not stored.</summary>
        public const string Photo = "photo";

        /// <summary>
        /// A call of a plugin; with a file id the photo was not stored, without one the answer did without the plugin.
        /// </summary>
        public const string Plugin = "plugin";

        /// <summary>A job as a whole.</summary>
        public const string Job = "job";
    }

    /// <summary>The jobs of the worker.</summary>
    [DataContract]
    public sealed class JobList
    {
        /// <summary>Those that run, then the last that have ended, in either case the latest first.</summary>
        [DataMember(Name = "jobs", IsRequired = true)]
        public AnswerList<JobReport> Jobs { get; set; } = new AnswerList<JobReport>();
    }

    /// <summary>One job.</summary>
    [DataContract]
    public sealed class JobReport
    {
        /// <summary>Its name.</summary>
        [DataMember(Name = "id", IsRequired = true)]
        public string Id { get; set; } = "";

        /// <summary>What it does: <see cref="JobKinds"/>.</summary>
        [DataMember(Name = "kind", IsRequired = true)]
        public string Kind { get; set; } = "";

        /// <summary>How it is: <see cref="JobStates"/>.</summary>
        [DataMember(Name = "state", IsRequired = true)]
        public string State { get; set; } = "";

        /// <summary>When it began, in seconds since 1970.</summary>
        [DataMember(Name = "started_at", IsRequired = true)]
        public long StartedAt { get; set; }

        /// <summary><see cref="StartedAt"/> as a point in time.</summary>
        public DateTimeOffset StartedAtTime { get => Times.Of(StartedAt); set => StartedAt = Times.Seconds(value); }

        /// <summary>When it ended, in seconds since 1970; null while it runs.</summary>
        [DataMember(Name = "ended_at", IsRequired = true)]
        public long? EndedAt { get; set; }

        /// <summary><see cref="EndedAt"/> as a point in time; null where that is null.</summary>
        public DateTimeOffset? EndedAtTime { get => Times.Of(EndedAt); set => EndedAt = Times.Seconds(value); }

        /// <summary>How many photos, faces or clusters are done; null for jobs that do not count.</summary>
        [DataMember(Name = "done", IsRequired = true)]
        public long? Done { get; set; }

        /// <summary>Of how many; null until they are counted, and for jobs that do not count.</summary>
        [DataMember(Name = "total", IsRequired = true)]
        public long? Total { get; set; }

        /// <summary>How many photos failed, or how many faults a verification found.</summary>
        [DataMember(Name = "failures", IsRequired = true)]
        public long Failures { get; set; }

        /// <summary>Why the job failed or stopped; null otherwise.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string? Reason { get; set; }

        /// <summary>The plugin slot of a replay (<see cref="PluginSlots"/>); null for others.</summary>
        [DataMember(Name = "slot", IsRequired = true)]
        public string? Slot { get; set; }
    }

    /// <summary>The latest failures.</summary>
    [DataContract]
    public sealed class FailureList
    {
        /// <summary>The latest first.</summary>
        [DataMember(Name = "failures", IsRequired = true)]
        public AnswerList<FailureReport> Failures { get; set; } = new AnswerList<FailureReport>();
    }

    /// <summary>One failure.</summary>
    [DataContract]
    public sealed class FailureReport
    {
        /// <summary>When, in seconds since 1970.</summary>
        [DataMember(Name = "at", IsRequired = true)]
        public long At { get; set; }

        /// <summary><see cref="At"/> as a point in time.</summary>
        public DateTimeOffset AtTime { get => Times.Of(At); set => At = Times.Seconds(value); }

        /// <summary>What: <see cref="FailureKinds"/>.</summary>
        [DataMember(Name = "kind", IsRequired = true)]
        public string Kind { get; set; } = "";

        /// <summary>
        /// The code of the photo's problem (<see cref="ProblemCodes"/>), <c>plugin_failed</c>, or the job's kind followed by
        /// <c>_failed</c>.
        /// </summary>
        [DataMember(Name = "code", IsRequired = true)]
        public string Code { get; set; } = "";

        /// <summary>One sentence, for people.</summary>
        [DataMember(Name = "detail", IsRequired = true)]
        public string Detail { get; set; } = "";

        /// <summary>The photo; null if the failure does not concern a photo.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string? FileId { get; set; }

        /// <summary>
        /// The id of the request, under which the worker's log has more; null if there was no request.
        /// </summary>
        [DataMember(Name = "request_id", IsRequired = true)]
        public string? RequestId { get; set; }

        /// <summary>The slot of the plugin, or of the job (<see cref="PluginSlots"/>); null for others.</summary>
        [DataMember(Name = "slot", IsRequired = true)]
        public string? Slot { get; set; }
    }
}
