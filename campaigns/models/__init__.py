from campaigns.models.campaign import Campaign
from campaigns.models.delivery import Delivery, DeliveryAttempt
from campaigns.models.engine import Dispatcher, Lane

__all__ = ["Campaign", "Delivery", "DeliveryAttempt", "Dispatcher", "Lane"]
