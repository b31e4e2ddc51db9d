using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>A photo to identify.</summary>
    [DataContract]
    internal sealed class IdentifyRequest
    {
        /// <summary>The URL of the photo; http or https.</summary>
        [DataMember(Name = "image_url", IsRequired = true)]
        public string ImageUrl { get; set; } = "";
    }

    /// <summary>Two photos to compare.</summary>
    [DataContract]
    internal sealed class CompareRequest
    {
        /// <summary>The URLs of the first and the second photo; http or https.</summary>
        [DataMember(Name = "image_urls", IsRequired = true)]
        public IList<string> ImageUrls { get; set; } = new List<string>();
    }

    /// <summary>A photo to process again.</summary>
    [DataContract]
    internal sealed class ReprocessRequest
    {
        /// <summary>The caller's id for the photo.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";
    }

    /// <summary>The description that a photo would get.</summary>
    [DataContract]
    public sealed class IdentifyAnswer
    {
        /// <summary>Width of the upright photo in pixels.</summary>
        [DataMember(Name = "width", IsRequired = true)]
        public int Width { get; set; }

        /// <summary>Height of the upright photo in pixels.</summary>
        [DataMember(Name = "height", IsRequired = true)]
        public int Height { get; set; }

        /// <summary>Largest face first.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public AnswerList<IdentifyFace> Faces { get; set; } = new AnswerList<IdentifyFace>();

        /// <summary>Best tag first.</summary>
        [DataMember(Name = "tags", IsRequired = true)]
        public AnswerList<string> Tags { get; set; } = new AnswerList<string>();

        /// <summary>One Indonesian phrase.</summary>
        [DataMember(Name = "context", IsRequired = true)]
        public string Context { get; set; } = "";

        /// <summary>Slots whose plugin failed and whose answer was replaced by a default.</summary>
        [DataMember(Name = "degraded", IsRequired = true)]
        public AnswerList<string> Degraded { get; set; } = new AnswerList<string>();

        /// <summary>How the answer was made.</summary>
        [DataMember(Name = "details", IsRequired = true)]
        public Details Details { get; set; } = new Details();
    }

    /// <summary>A face, and the people whom it resembles.</summary>
    [DataContract]
    public sealed class IdentifyFace
    {
        /// <summary>
        /// <c>[x1, y1, x2, y2]</c> in whole pixels of the upright photo; <c>x2</c> and <c>y2</c> are exclusive.
        /// </summary>
        [DataMember(Name = "bounding_box", IsRequired = true)]
        public AnswerList<int> BoundingBox { get; set; } = new AnswerList<int>();

        /// <summary>The detector's score, 0 to 1.</summary>
        [DataMember(Name = "confidence", IsRequired = true)]
        public double Confidence { get; set; }

        /// <summary>The quality of the face: how reliably it can be told from other faces, 0 to 1.</summary>
        [DataMember(Name = "quality", IsRequired = true)]
        public double Quality { get; set; }

        /// <summary>Apparent age in years, when a plugin asked for demographics; else null.</summary>
        [DataMember(Name = "age", IsRequired = true)]
        public double? Age { get; set; }

        /// <summary>Apparent gender (<see cref="Genders"/>), when a plugin asked for demographics; else null.</summary>
        [DataMember(Name = "gender", IsRequired = true)]
        public string? Gender { get; set; }

        /// <summary>The person that the cluster policy would choose; null if it would create a new one.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid? ClusterId { get; set; }

        /// <summary>The policy's reason.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string Reason { get; set; } = "";

        /// <summary>The people whom the face resembles, most similar first.</summary>
        [DataMember(Name = "people", IsRequired = true)]
        public AnswerList<IdentifyCandidate> People { get; set; } = new AnswerList<IdentifyCandidate>();
    }

    /// <summary>A person whom a face resembles.</summary>
    [DataContract]
    public sealed class IdentifyCandidate
    {
        /// <summary>The person.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>Cosine similarity of the person's most similar face, -1 to 1.</summary>
        [DataMember(Name = "similarity", IsRequired = true)]
        public double Similarity { get; set; }

        /// <summary>How many faces the person has.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>The face whose picture is the person's thumbnail.</summary>
        [DataMember(Name = "representative_face_id", IsRequired = true)]
        public Guid RepresentativeFaceId { get; set; }

        /// <summary>The path of the thumbnail.</summary>
        [DataMember(Name = "thumbnail", IsRequired = true)]
        public string Thumbnail { get; set; } = "";
    }

    /// <summary>How similar the faces of two photos are.</summary>
    [DataContract]
    public sealed class CompareAnswer
    {
        /// <summary>The first photo.</summary>
        [DataMember(Name = "first", IsRequired = true)]
        public ComparedPhoto First { get; set; } = new ComparedPhoto();

        /// <summary>The second photo.</summary>
        [DataMember(Name = "second", IsRequired = true)]
        public ComparedPhoto Second { get; set; } = new ComparedPhoto();

        /// <summary>
        /// One row per face of the first photo: its cosine similarity with each face of the second photo, -1 to 1.
        /// </summary>
        [DataMember(Name = "similarities", IsRequired = true)]
        public AnswerList<IList<double>> Similarities { get; set; } = new AnswerList<IList<double>>();

        /// <summary>From which similarity on two faces are one person for policies that go by one number.</summary>
        [DataMember(Name = "threshold", IsRequired = true)]
        public double Threshold { get; set; }

        /// <summary>The two faces that are most similar; null if a photo has no face.</summary>
        [DataMember(Name = "best", IsRequired = true)]
        public BestPair? Best { get; set; }
    }

    /// <summary>A photo that was compared.</summary>
    [DataContract]
    public sealed class ComparedPhoto
    {
        /// <summary>Width of the upright photo in pixels.</summary>
        [DataMember(Name = "width", IsRequired = true)]
        public int Width { get; set; }

        /// <summary>Height of the upright photo in pixels.</summary>
        [DataMember(Name = "height", IsRequired = true)]
        public int Height { get; set; }

        /// <summary>The faces, largest first.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public AnswerList<ComparedFace> Faces { get; set; } = new AnswerList<ComparedFace>();
    }

    /// <summary>A face that was compared.</summary>
    [DataContract]
    public sealed class ComparedFace
    {
        /// <summary>
        /// <c>[x1, y1, x2, y2]</c> in whole pixels of the upright photo; <c>x2</c> and <c>y2</c> are exclusive.
        /// </summary>
        [DataMember(Name = "bounding_box", IsRequired = true)]
        public AnswerList<int> BoundingBox { get; set; } = new AnswerList<int>();

        /// <summary>The detector's score, 0 to 1.</summary>
        [DataMember(Name = "confidence", IsRequired = true)]
        public double Confidence { get; set; }

        /// <summary>The quality of the face: how reliably it can be told from other faces, 0 to 1.</summary>
        [DataMember(Name = "quality", IsRequired = true)]
        public double Quality { get; set; }
    }

    /// <summary>The two faces that are most similar.</summary>
    [DataContract]
    public sealed class BestPair
    {
        /// <summary>The index of the face in the first photo, from 0.</summary>
        [DataMember(Name = "first", IsRequired = true)]
        public long First { get; set; }

        /// <summary>The index of the face in the second photo, from 0.</summary>
        [DataMember(Name = "second", IsRequired = true)]
        public long Second { get; set; }

        /// <summary>Their cosine similarity, -1 to 1.</summary>
        [DataMember(Name = "similarity", IsRequired = true)]
        public double Similarity { get; set; }

        /// <summary>Whether the similarity is at least the threshold.</summary>
        [DataMember(Name = "same", IsRequired = true)]
        public bool Same { get; set; }
    }

    /// <summary>What the caller's key permits.</summary>
    [DataContract]
    public sealed class WhoamiAnswer
    {
        /// <summary>The highest role that the keys give: <see cref="Roles"/>.</summary>
        [DataMember(Name = "role", IsRequired = true)]
        public string Role { get; set; } = "";

        /// <summary>
        /// The name of the key that gives the role; null if the request has no known key, which is possible only on a
        /// server that needs no key.
        /// </summary>
        [DataMember(Name = "key_name", IsRequired = true)]
        public string? KeyName { get; set; }

        /// <summary>Whether the worker asks for a key.</summary>
        [DataMember(Name = "key_required", IsRequired = true)]
        public bool KeyRequired { get; set; }
    }

    /// <summary>What a key may do; each role also includes the rights of the role before it.</summary>
    public static class Roles
    {
        /// <summary>Have photos described, and read.</summary>
        public const string Process = "process";

        /// <summary>Correct, merge and delete.</summary>
        public const string Curate = "curate";

        /// <summary>Change plugins.</summary>
        public const string Admin = "admin";
    }
}
