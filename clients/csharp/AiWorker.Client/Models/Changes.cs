using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>A page of changes, in the order in which they happened.</summary>
    [DataContract]
    public sealed class ChangesPage
    {
        /// <summary>The changes.</summary>
        [DataMember(Name = "changes", IsRequired = true)]
        public AnswerList<PeopleChange> Changes { get; set; } = new AnswerList<PeopleChange>();

        /// <summary>Where the next page starts, now or after more has happened.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public long Next { get; set; }

        /// <summary>
        /// The position of the newest change; there are more pages as long as <c>next</c> is less than this.
        /// </summary>
        [DataMember(Name = "latest", IsRequired = true)]
        public long Latest { get; set; }
    }

    /// <summary>A change to people, by a photo, a correction, a deletion or a consolidation.</summary>
    [DataContract]
    public sealed class PeopleChange
    {
        /// <summary>Its position in the list.</summary>
        [DataMember(Name = "position", IsRequired = true)]
        public long Position { get; set; }

        /// <summary>When, in seconds since 1970.</summary>
        [DataMember(Name = "at", IsRequired = true)]
        public long At { get; set; }

        /// <summary><see cref="At"/> as a point in time.</summary>
        public DateTimeOffset AtTime { get => Times.Of(At); set => At = Times.Seconds(value); }

        /// <summary>What kind it is: <see cref="ChangeKinds"/>.</summary>
        [DataMember(Name = "kind", IsRequired = true)]
        public string Kind { get; set; } = "";

        /// <summary>The face; null if the change concerns whole clusters.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid? FaceId { get; set; }

        /// <summary>The cluster in which it was before.</summary>
        [DataMember(Name = "from_cluster_id", IsRequired = true)]
        public Guid? FromClusterId { get; set; }

        /// <summary>The cluster in which it is now.</summary>
        [DataMember(Name = "to_cluster_id", IsRequired = true)]
        public Guid? ToClusterId { get; set; }
    }
}
