using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>A photo to describe.</summary>
    [DataContract]
    public sealed class ProcessRequest
    {
        /// <summary>A photo to describe.</summary>
        /// <param name="fileId">The caller's name for the photo, 1 to 256 characters.</param>
        /// <param name="imageUrl">Where the worker finds it; http or https.</param>
        public ProcessRequest(string fileId, string imageUrl)
        {
            FileId = fileId ?? throw new ArgumentNullException(nameof(fileId));
            ImageUrl = imageUrl ?? throw new ArgumentNullException(nameof(imageUrl));
        }

        /// <summary>A photo to describe.</summary>
        /// <param name="fileId">The caller's name for the photo, 1 to 256 characters.</param>
        /// <param name="imageUrl">Where the worker finds it; http or https.</param>
        public ProcessRequest(string fileId, Uri imageUrl)
            : this(fileId, AiWorkerClientAddresses.Text(imageUrl, nameof(imageUrl))) { }

        /// <summary>The caller's id for the photo.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; private set; }

        /// <summary>The URL of the photo; http or https.</summary>
        [DataMember(Name = "image_url", IsRequired = true)]
        public string ImageUrl { get; private set; }
    }

    /// <summary>The description of a photo.</summary>
    [DataContract]
    public sealed class ProcessAnswer
    {
        /// <summary>The caller's id for the photo.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";

        /// <summary>The people, largest face first.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public AnswerList<DescribedFace> Faces { get; set; } = new AnswerList<DescribedFace>();

        /// <summary>Best tag first.</summary>
        [DataMember(Name = "tags", IsRequired = true)]
        public AnswerList<string> Tags { get; set; } = new AnswerList<string>();

        /// <summary>One Indonesian phrase.</summary>
        [DataMember(Name = "context", IsRequired = true)]
        public string Context { get; set; } = "";

        /// <summary>
        /// Slots whose plugin failed and whose answer was replaced by a fallback; empty if there are none.
        /// </summary>
        [DataMember(Name = "degraded")]
        public AnswerList<string> Degraded { get; set; } = new AnswerList<string>();

        /// <summary>How the answer was made; null unless it was requested.</summary>
        [DataMember(Name = "details")]
        public Details? Details { get; set; }

        [OnDeserialized]
        private void Complete(StreamingContext context) => Degraded = Degraded ?? new AnswerList<string>();
    }

    /// <summary>One face of the answer.</summary>
    [DataContract]
    public sealed class DescribedFace
    {
        /// <summary>Stays the same when the photo is processed again.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }

        /// <summary>The person.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>
        /// <c>[x1, y1, x2, y2]</c> in whole pixels of the upright photo; <c>x2</c> and <c>y2</c> are exclusive.
        /// </summary>
        [DataMember(Name = "bounding_box", IsRequired = true)]
        public AnswerList<int> BoundingBox { get; set; } = new AnswerList<int>();

        /// <summary>The detector's score, 0 to 1.</summary>
        [DataMember(Name = "confidence", IsRequired = true)]
        public double Confidence { get; set; }

        /// <summary>Whether the person was not known before this photo.</summary>
        [DataMember(Name = "is_new_cluster", IsRequired = true)]
        public bool IsNewCluster { get; set; }

        /// <summary>Apparent age in years, when a plugin asked for demographics; else null.</summary>
        [DataMember(Name = "age", IsRequired = true)]
        public double? Age { get; set; }

        /// <summary>Apparent gender (<see cref="Genders"/>), when a plugin asked for demographics; else null.</summary>
        [DataMember(Name = "gender", IsRequired = true)]
        public string? Gender { get; set; }

        /// <summary>The quality of the face: how reliably it can be told from other faces, 0 to 1.</summary>
        [DataMember(Name = "quality", IsRequired = true)]
        public double Quality { get; set; }
    }

    /// <summary>How an answer was made.</summary>
    [DataContract]
    public sealed class Details
    {
        /// <summary>The active model set.</summary>
        [DataMember(Name = "model_set", IsRequired = true)]
        public string ModelSet { get; set; } = "";

        /// <summary>Width of the upright photo in pixels.</summary>
        [DataMember(Name = "width", IsRequired = true)]
        public int Width { get; set; }

        /// <summary>Height of the upright photo in pixels.</summary>
        [DataMember(Name = "height", IsRequired = true)]
        public int Height { get; set; }

        /// <summary>How often the face detector ran on the photo or on parts of it.</summary>
        [DataMember(Name = "detector_looks", IsRequired = true)]
        public int DetectorLooks { get; set; }

        /// <summary>The tags with their scores.</summary>
        [DataMember(Name = "scored_tags", IsRequired = true)]
        public AnswerList<ScoredTag> ScoredTags { get; set; } = new AnswerList<ScoredTag>();

        /// <summary>How sure the context mapper is, 0 to 1.</summary>
        [DataMember(Name = "context_confidence", IsRequired = true)]
        public double ContextConfidence { get; set; }

        /// <summary>Which evidence spoke for the phrase, as the context mapper says it; null when it does not.</summary>
        [DataMember(Name = "context_reason", IsRequired = true)]
        public string? ContextReason { get; set; }

        /// <summary>The classifier's best classes, when a plugin asked for them.</summary>
        [DataMember(Name = "labels", IsRequired = true)]
        public AnswerList<Label>? Labels { get; set; }

        /// <summary>A caption of the photo, one English sentence, if a plugin asked for it.</summary>
        [DataMember(Name = "caption", IsRequired = true)]
        public string? Caption { get; set; }

        /// <summary>The objects that were detected, highest score first; null unless a plugin asked for them.</summary>
        [DataMember(Name = "objects", IsRequired = true)]
        public AnswerList<SceneObject>? Objects { get; set; }

        /// <summary>
        /// Probability that the photo was taken inside a building, 0 to 1; null unless a plugin asked for it.
        /// </summary>
        [DataMember(Name = "indoor", IsRequired = true)]
        public double? Indoor { get; set; }

        /// <summary>
        /// The lines of text that were read, largest first; null unless a plugin asked for them and <c>STORE_TEXT</c>
        /// is <c>on</c>.
        /// </summary>
        [DataMember(Name = "text", IsRequired = true)]
        public AnswerList<TextLine>? Text { get; set; }

        /// <summary>Why each face is in its cluster, in the order of <c>faces</c>.</summary>
        [DataMember(Name = "cluster_reasons", IsRequired = true)]
        public AnswerList<string> ClusterReasons { get; set; } = new AnswerList<string>();

        /// <summary>Which plugins decided.</summary>
        [DataMember(Name = "plugins", IsRequired = true)]
        public PluginIdentities Plugins { get; set; } = new PluginIdentities();

        /// <summary>The time of each stage, in milliseconds.</summary>
        [DataMember(Name = "timings_ms", IsRequired = true)]
        public StageTimings TimingsMs { get; set; } = new StageTimings();
    }

    /// <summary>One tag and its score.</summary>
    [DataContract]
    public sealed class ScoredTag
    {
        /// <summary>The tag as the caller sees it.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>0 to 1.</summary>
        [DataMember(Name = "score", IsRequired = true)]
        public double Score { get; set; }

        /// <summary>
        /// Which evidence spoke for the tag, as the tagger says it; null when it does not, and of stored tags.
        /// </summary>
        [DataMember(Name = "reason", EmitDefaultValue = false)]
        public string? Reason { get; set; }
    }

    /// <summary>One class of the image classifier and its probability, 0 to 1.</summary>
    [DataContract]
    public sealed class Label
    {
        /// <summary>Lower-case English class name.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>Probability, 0 to 1.</summary>
        [DataMember(Name = "score", IsRequired = true)]
        public double Score { get; set; }
    }

    /// <summary>How long each stage took, in milliseconds.</summary>
    [DataContract]
    public sealed class StageTimings
    {
        /// <summary>Fetching the photo.</summary>
        [DataMember(Name = "download", IsRequired = true)]
        public double Download { get; set; }

        /// <summary>Decoding it.</summary>
        [DataMember(Name = "decode", IsRequired = true)]
        public double Decode { get; set; }

        /// <summary>All networks, including the wait for a session.</summary>
        [DataMember(Name = "inference", IsRequired = true)]
        public double Inference { get; set; }

        /// <summary>Tagger and context mapper.</summary>
        [DataMember(Name = "plugins", IsRequired = true)]
        public double Plugins { get; set; }

        /// <summary>Searching neighbours, deciding and writing, including the wait for other photos.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public double Faces { get; set; }
    }

    /// <summary>What is stored for a photo.</summary>
    [DataContract]
    public sealed class FileAnswer
    {
        /// <summary>The caller's id for the photo.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";

        /// <summary>The faces, largest first, as in the answer.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public AnswerList<FileFace> Faces { get; set; } = new AnswerList<FileFace>();

        /// <summary>Null if the photo was processed by a version that did not store tags.</summary>
        [DataMember(Name = "tags", IsRequired = true)]
        public AnswerList<string>? Tags { get; set; }

        /// <summary>Null if the photo was processed by a version that did not store contexts.</summary>
        [DataMember(Name = "context", IsRequired = true)]
        public string? Context { get; set; }

        /// <summary>The URL it was fetched from is stored.</summary>
        [DataMember(Name = "has_url", IsRequired = true)]
        public bool HasUrl { get; set; }

        /// <summary>How the description was made; null unless it was requested and stored.</summary>
        [DataMember(Name = "details")]
        public FileDetails? Details { get; set; }
    }

    /// <summary>One stored face.</summary>
    [DataContract]
    public sealed class FileFace
    {
        /// <summary>Stays the same when the photo is processed again.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }

        /// <summary>The cluster in which the face is now, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

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

        /// <summary>Apparent age in years, if it was determined.</summary>
        [DataMember(Name = "age", IsRequired = true)]
        public double? Age { get; set; }

        /// <summary>Apparent gender, if it was determined.</summary>
        [DataMember(Name = "gender", IsRequired = true)]
        public string? Gender { get; set; }
    }

    /// <summary>From what a stored description was made.</summary>
    [DataContract]
    public sealed class FileDetails
    {
        /// <summary>What the plugins were shown.</summary>
        [DataMember(Name = "scene", IsRequired = true)]
        public Scene Scene { get; set; } = new Scene();

        /// <summary>The tags with their scores.</summary>
        [DataMember(Name = "scored_tags", IsRequired = true)]
        public AnswerList<ScoredTag> ScoredTags { get; set; } = new AnswerList<ScoredTag>();

        /// <summary>The digests of the plugins.</summary>
        [DataMember(Name = "plugins", IsRequired = true)]
        public PluginDigests Plugins { get; set; } = new PluginDigests();

        /// <summary>The model set that described the photo.</summary>
        [DataMember(Name = "model_set", IsRequired = true)]
        public string ModelSet { get; set; } = "";
    }

    /// <summary>What the host observed in a photo; mirrors <c>scene</c> of the WIT package.</summary>
    [DataContract]
    public sealed class Scene
    {
        /// <summary>Width of the upright photo in pixels.</summary>
        [DataMember(Name = "width", IsRequired = true)]
        public int Width { get; set; }

        /// <summary>Height of the upright photo in pixels.</summary>
        [DataMember(Name = "height", IsRequired = true)]
        public int Height { get; set; }

        /// <summary>Every face found, largest first.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public AnswerList<SceneFace> Faces { get; set; } = new AnswerList<SceneFace>();

        /// <summary>Most probable classes, best first.</summary>
        [DataMember(Name = "labels", IsRequired = true)]
        public AnswerList<Label>? Labels { get; set; }

        /// <summary>Cosine similarity with every prompt of the active tagger.</summary>
        [DataMember(Name = "similarities", IsRequired = true)]
        public AnswerList<double>? Similarities { get; set; }

        /// <summary>One English sentence.</summary>
        [DataMember(Name = "caption", IsRequired = true)]
        public string? Caption { get; set; }

        /// <summary>
        /// Cosine similarity between every prompt of the active tagger and the classifier's result, compared as text.
        /// </summary>
        [DataMember(Name = "text_similarities", IsRequired = true)]
        public AnswerList<double>? TextSimilarities { get; set; }

        /// <summary>The objects that were detected, highest score first.</summary>
        [DataMember(Name = "objects", IsRequired = true)]
        public AnswerList<SceneObject>? Objects { get; set; }

        /// <summary>The lines of text that were read, largest first. Stored only with <c>STORE_TEXT=on</c>.</summary>
        [DataMember(Name = "text", IsRequired = true)]
        public AnswerList<TextLine>? Text { get; set; }

        /// <summary>Probability that the photo was taken inside a building, 0 to 1.</summary>
        [DataMember(Name = "indoor", IsRequired = true)]
        public double? Indoor { get; set; }
    }

    /// <summary>One thing the object detector found.</summary>
    [DataContract]
    public sealed class SceneObject
    {
        /// <summary>Lower-case English class name.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>The detector's score, 0 to 1.</summary>
        [DataMember(Name = "score", IsRequired = true)]
        public double Score { get; set; }

        /// <summary>
        /// <c>[x1, y1, x2, y2]</c> in whole pixels of the upright photo; <c>x2</c> and <c>y2</c> are exclusive.
        /// </summary>
        [DataMember(Name = "bounding_box", IsRequired = true)]
        public AnswerList<int> BoundingBox { get; set; } = new AnswerList<int>();
    }

    /// <summary>One line of text that was read in a photo.</summary>
    [DataContract]
    public sealed class TextLine
    {
        /// <summary>What was read, 1 to 200 characters.</summary>
        [DataMember(Name = "text", IsRequired = true)]
        public string Text { get; set; } = "";

        /// <summary>Mean probability of its characters, 0 to 1.</summary>
        [DataMember(Name = "score", IsRequired = true)]
        public double Score { get; set; }

        /// <summary>
        /// The upright rectangle around it: <c>[x1, y1, x2, y2]</c> in whole pixels of the upright photo; <c>x2</c> and
        /// <c>y2</c> are exclusive.
        /// </summary>
        [DataMember(Name = "bounding_box", IsRequired = true)]
        public AnswerList<int> BoundingBox { get; set; } = new AnswerList<int>();

        /// <summary>By how many degrees it is turned clockwise, more than -180 and at most 180.</summary>
        [DataMember(Name = "turn", IsRequired = true)]
        public double Turn { get; set; }
    }

    /// <summary>What plugins may learn about one face.</summary>
    [DataContract]
    public sealed class SceneFace
    {
        /// <summary>
        /// <c>[x1, y1, x2, y2]</c> in whole pixels of the upright photo; <c>x2</c> and <c>y2</c> are exclusive.
        /// </summary>
        [DataMember(Name = "bounding_box", IsRequired = true)]
        public AnswerList<int> BoundingBox { get; set; } = new AnswerList<int>();

        /// <summary>The detector's score, 0 to 1.</summary>
        [DataMember(Name = "confidence", IsRequired = true)]
        public double Confidence { get; set; }

        /// <summary>Apparent age in years.</summary>
        [DataMember(Name = "age", IsRequired = true)]
        public double? Age { get; set; }

        /// <summary>Apparent gender.</summary>
        [DataMember(Name = "gender", IsRequired = true)]
        public string? Gender { get; set; }

        /// <summary>The quality of the face: how reliably it can be told from other faces, 0 to 1.</summary>
        [DataMember(Name = "quality", IsRequired = true)]
        public double Quality { get; set; }
    }

    /// <summary>The plugins that made an answer, each by the SHA-256 of its component file in hexadecimal.</summary>
    [DataContract]
    public sealed class PluginDigests
    {
        /// <summary>In the tagger slot.</summary>
        [DataMember(Name = "tagger", IsRequired = true)]
        public string Tagger { get; set; } = "";

        /// <summary>In the context mapper slot.</summary>
        [DataMember(Name = "context_mapper", IsRequired = true)]
        public string ContextMapper { get; set; } = "";

        /// <summary>In the cluster policy slot.</summary>
        [DataMember(Name = "cluster_policy", IsRequired = true)]
        public string ClusterPolicy { get; set; } = "";
    }

    /// <summary>What a deletion did.</summary>
    [DataContract]
    public sealed class DeletedFaces
    {
        /// <summary>
        /// How many faces were deleted; 0 if the photo or person was already deleted or never existed.
        /// </summary>
        [DataMember(Name = "deleted_faces", IsRequired = true)]
        public long Count { get; set; }
    }
}
