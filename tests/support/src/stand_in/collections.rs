//! Making collections and asking after them.

use qdrant_client::qdrant::collections_server::Collections;
use qdrant_client::qdrant::qdrant_server::Qdrant;
use qdrant_client::qdrant::{
    self, ChangeAliases, CollectionConfig, CollectionExists, CollectionExistsRequest,
    CollectionExistsResponse, CollectionInfo, CollectionOperationResponse, CollectionParams,
    CreateCollection, FieldType, GetCollectionInfoRequest, GetCollectionInfoResponse, HealthCheckReply,
    HealthCheckRequest, PayloadSchemaInfo, PayloadSchemaType,
};
use tonic::{Request, Response, Status};

use super::data::Collection;
use super::{Gate, Service, gone};

#[tonic::async_trait]
impl Qdrant for Service {
    async fn health_check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckReply>, Status> {
        if matches!(*self.gate.lock().unwrap(), Gate::Shut) {
            return Err(gone());
        }
        Ok(Response::new(HealthCheckReply {
            title: "a stand-in for Qdrant".to_owned(),
            version: self.version.clone(),
            commit: None,
        }))
    }
}

calls! { Collections
    {
        async fn get(
            &self,
            request: Request<GetCollectionInfoRequest>,
        ) -> Result<Response<GetCollectionInfoResponse>, Status> {
            self.enter(&request)?;
            let info = self.own().with(&request.into_inner().collection_name, |collection| Ok(info(collection)))?;
            Ok(Response::new(GetCollectionInfoResponse {
                result: Some(info),
                time: 0.0,
            }))
        }

        async fn collection_exists(
            &self,
            request: Request<CollectionExistsRequest>,
        ) -> Result<Response<CollectionExistsResponse>, Status> {
            self.enter(&request)?;
            let exists = {
                let collections = self.own().collections.lock().unwrap();
                collections.contains_key(&request.into_inner().collection_name)
            };
            Ok(Response::new(CollectionExistsResponse {
                result: Some(CollectionExists { exists }),
                time: 0.0,
            }))
        }

        async fn create(
            &self,
            request: Request<CreateCollection>,
        ) -> Result<Response<CollectionOperationResponse>, Status> {
            self.enter(&request)?;
            let made_as = request.into_inner();
            for copy in &self.copies.data {
                let mut collections = copy.collections.lock().unwrap();
                if collections.contains_key(&made_as.collection_name) {
                    let text = format!("Wrong input: Collection `{}` already exists!", made_as.collection_name);
                    return Err(Status::invalid_argument(text));
                }
                collections.insert(
                    made_as.collection_name.clone(),
                    Collection {
                        made_as: made_as.clone(),
                        indexed: Default::default(),
                        points: Default::default(),
                    },
                );
            }
            Ok(Response::new(CollectionOperationResponse { result: true, time: 0.0 }))
        }

        /// Changes nothing; as any decision of the cluster, it is carried out after those before it, and is never
        /// answered when it was lost.
        async fn update_aliases(
            &self,
            request: Request<ChangeAliases>,
        ) -> Result<Response<CollectionOperationResponse>, Status> {
            self.enter(&request)?;
            if !self.copies.decide(self.node) {
                std::future::pending::<()>().await;
            }
            Ok(Response::new(CollectionOperationResponse { result: true, time: 0.0 }))
        }
    }
    list(ListCollectionsRequest) -> ListCollectionsResponse;
    update(UpdateCollection) -> CollectionOperationResponse;
    delete(DeleteCollection) -> CollectionOperationResponse;
    list_collection_aliases(ListCollectionAliasesRequest) -> ListAliasesResponse;
    list_aliases(ListAliasesRequest) -> ListAliasesResponse;
    collection_cluster_info(CollectionClusterInfoRequest) -> CollectionClusterInfoResponse;
    update_collection_cluster_setup(UpdateCollectionClusterSetupRequest) -> UpdateCollectionClusterSetupResponse;
    create_shard_key(CreateShardKeyRequest) -> CreateShardKeyResponse;
    delete_shard_key(DeleteShardKeyRequest) -> DeleteShardKeyResponse;
    list_shard_keys(ListShardKeysRequest) -> ListShardKeysResponse;
}

fn info(collection: &Collection) -> CollectionInfo {
    let schema = |(field, kind): (&String, &FieldType)| {
        let data_type = match kind {
            FieldType::Keyword => PayloadSchemaType::Keyword,
            FieldType::Integer => PayloadSchemaType::Integer,
            FieldType::Bool => PayloadSchemaType::Bool,
            other => unimplemented!("the stand-in does not index {other:?}"),
        };
        let info = PayloadSchemaInfo {
            data_type: data_type.into(),
            ..PayloadSchemaInfo::default()
        };
        (field.clone(), info)
    };
    CollectionInfo {
        config: Some(CollectionConfig {
            params: Some(CollectionParams {
                vectors_config: collection.made_as.vectors_config.clone(),
                ..CollectionParams::default()
            }),
            metadata: collection.made_as.metadata.clone(),
            ..CollectionConfig::default()
        }),
        payload_schema: collection.indexed.iter().map(schema).collect(),
        ..CollectionInfo::default()
    }
}
